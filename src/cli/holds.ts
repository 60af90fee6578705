import { renderTable } from '../report/render-table.ts'
import { type Command, textOf } from './command.ts'
import { Misuse } from './misuse.ts'
import { withState } from './with-state.ts'

export const holdsCommand: Command = {
  name: 'holds',
  summary: 'callers whom a finding asks for more: list, release',
  help: `
Usage: sallyport holds list
       sallyport holds release --subject S --issuer NAME

Callers who must authenticate anew, or come with a new credential, because \`anomalies: { stepUp, revoke }\` says so for a
kind of finding. A running gateway hears of a release within two seconds.

      --subject S      the caller; S as audit events show it
      --issuer NAME    issuer in the configuration
      --json           output as JSON
      --config FILE    configuration (default sallyport.yaml)
`,
  options: {
    subject: { type: 'string' },
    issuer: { type: 'string' },
    json: { type: 'boolean', default: false },
    config: { type: 'string', default: 'sallyport.yaml' },
  },
  async run({ values, positionals, terminal }) {
    const [action, ...more] = positionals
    if ((action !== 'list' && action !== 'release') || more.length > 0)
      throw new Misuse('holds: write one of list, release')
    const { createHoldRepository } = await import('../repositories/hold-repository.ts')
    return withState(textOf(values, 'config') ?? '', 'holds', async ({ database }) => {
      if (database === undefined) return 2
      const holds = createHoldRepository(database.db)
      if (action === 'release') {
        const [issuer, sub] = [textOf(values, 'issuer'), textOf(values, 'subject')]
        if (issuer === undefined || sub === undefined)
          throw new Misuse('holds release: write --subject S and --issuer NAME')
        const gone = await holds.remove(issuer, sub)
        terminal.out(
          values['json'] === true ? `${JSON.stringify({ released: gone })}\n` : `released ${gone}\n`,
        )
        return gone > 0 ? 0 : 1
      }
      const live = await holds.live(Date.now())
      if (values['json'] === true) terminal.out(`${JSON.stringify(live, null, 2)}\n`)
      else
        terminal.out(
          renderTable(
            ['issuer', 'subject', 'response', 'because of', 'since', 'until'],
            live.map(({ issuer, sub, response, kind, since, until }) => [
              issuer,
              sub,
              response,
              kind,
              new Date(since).toISOString(),
              new Date(until).toISOString(),
            ]),
            { colour: terminal.colourOut },
          ),
        )
      return 0
    })
  },
}
