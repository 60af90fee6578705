import { type Command, textOf } from './command.ts'
import { Misuse } from './misuse.ts'
import { withState } from './with-state.ts'

export const authorityCommand: Command = {
  name: 'authority',
  summary: 'the authorization server: rotate-keys',
  help: `
Usage: sallyport authority rotate-keys [options]

Makes new signing keys. A gateway that runs signs with them within seconds; the old ones stay published for a day,
so that tokens they signed keep their time.

      --json           output as JSON
      --config FILE    configuration (default sallyport.yaml)
`,
  options: {
    json: { type: 'boolean', default: false },
    config: { type: 'string', default: 'sallyport.yaml' },
  },
  async run({ values, positionals, terminal }) {
    if (positionals.length !== 1 || positionals[0] !== 'rotate-keys')
      throw new Misuse('authority: write `rotate-keys`')
    return withState(textOf(values, 'config') ?? '', 'authority', async (state, config) => {
      const { rotateSigningKeys } = await import('../app/admin/client-admin.ts')
      const keys = await rotateSigningKeys(state, config)
      terminal.out(
        values['json'] === true
          ? `${JSON.stringify({ keys }, null, 2)}\n`
          : `now signing: ${keys.join(', ')}\n`,
      )
      return 0
    })
  },
}
