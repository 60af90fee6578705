import type { Config } from '../config/config.ts'
import { parseDuration } from '../config/values/parse-duration.ts'
import { nearest } from '../config/yaml/nearest.ts'
import type { NewRevocation, Revocation, RevocationKind } from '../kernel/revocation.ts'
import { renderTable } from '../report/render-table.ts'
import { type Call, type Command, textOf } from './command.ts'
import { Misuse } from './misuse.ts'
import { withState } from './with-state.ts'

export const tokensCommand: Command = {
  name: 'tokens',
  summary: 'take credentials back before they end: revoke, list',
  help: `
Usage: sallyport tokens revoke --jti ID [--issuer NAME]
       sallyport tokens revoke --subject S --issuer NAME
       sallyport tokens revoke --client ID [--issuer NAME]
       sallyport tokens list

Works on the durable store of the configuration, also while the gateway runs: it refuses within a second, in every
process. By subject or client, everything issued up to now is refused; what is issued later counts.

      --jti ID         one token, by its \`jti\`
      --subject S      everything of a caller; S as audit events show it
      --client ID      everything of a client
      --issuer NAME    issuer in the configuration
      --before TIME    what was issued after it still counts (default now); write a few seconds more where the
                       issuer's clock may be ahead
      --lifetime D     how long such a credential could live at most; then the revocation is forgotten
                       (default 366d)
      --json           output as JSON
      --config FILE    configuration (default sallyport.yaml)
`,
  options: {
    jti: { type: 'string' },
    subject: { type: 'string' },
    client: { type: 'string' },
    issuer: { type: 'string' },
    before: { type: 'string' },
    lifetime: { type: 'string', default: '366d' },
    json: { type: 'boolean', default: false },
    config: { type: 'string', default: 'sallyport.yaml' },
  },
  async run(call) {
    const [action, ...more] = call.positionals
    if ((action !== 'revoke' && action !== 'list') || more.length > 0)
      throw new Misuse('tokens: write one of revoke, list')
    return withState(textOf(call.values, 'config') ?? '', 'tokens', async ({ revocations }, config) => {
      const now = Date.now()
      if (action === 'revoke') {
        const made = await revocations.add(readRevocation(call, config, now), now)
        if (call.values['json'] === true) print(call, viewOf(made))
        else call.terminal.out(`revoked until ${isoOf(made.until)}\n`)
        return 0
      }
      const found: Revocation[] = []
      for (let change = 0; ; change = found.at(-1)?.change ?? 0) {
        const page = await revocations.since(change, 1000)
        found.push(...page)
        if (page.length < 1000) break
      }
      show(
        call,
        found.filter((one) => one.until > now),
      )
      return 0
    })
  },
}

const options: readonly (readonly [string, RevocationKind])[] = [
  ['jti', 'token'],
  ['subject', 'subject'],
  ['client', 'client'],
]

function readRevocation({ values }: Call, config: Config, now: number): NewRevocation {
  const written = options.flatMap(([option, kind]) => {
    const value = textOf(values, option)
    return value === undefined || value === '' ? [] : [{ kind, value }]
  })
  const [one, ...more] = written
  if (one === undefined || more.length > 0)
    throw new Misuse('tokens revoke: write one of --jti ID, --subject S, --client ID')
  if (one.value.length > 1024) throw new Misuse('tokens revoke: no credential has a name that long')
  const issuer = readIssuer(textOf(values, 'issuer'), config)
  if (issuer === undefined && one.kind === 'subject' && config.issuers.length !== 1)
    throw new Misuse('tokens revoke: a subject is somebody only at its issuer; write --issuer NAME')
  const lifetime = parseDuration(textOf(values, 'lifetime') ?? '')
  if (lifetime === undefined || lifetime < 1000)
    throw new Misuse('tokens revoke: --lifetime takes a duration such as 30d')
  const before = readTime(textOf(values, 'before'), now)
  const only = one.kind === 'subject' ? config.issuers[0]?.name : undefined
  return { ...one, issuer: issuer ?? only, before, until: before + lifetime }
}

function readIssuer(name: string | undefined, config: Config): string | undefined {
  if (name === undefined) return undefined
  const names = [
    ...config.issuers.map((issuer) => issuer.name),
    ...(config.keys === undefined ? [] : ['keys']),
    ...(config.certificates === undefined ? [] : ['certificates']),
  ]
  if (names.includes(name)) return name
  const close = nearest(name, names)
  throw new Misuse(
    `tokens revoke: there is no such issuer${close === undefined ? `; there are ${names.join(', ')}` : `, did you mean \`${close}\`?`}`,
  )
}

/** Not far ahead: what is issued later could not be used until then, and nobody would know why. */
function readTime(text: string | undefined, now: number): number {
  if (text === undefined) return now
  const time = Date.parse(text)
  if (Number.isNaN(time) || time < 0)
    throw new Misuse('tokens revoke: --before takes a time such as 2026-11-24T10:00:00Z')
  if (time > now + 300_000) throw new Misuse('tokens revoke: --before is at most five minutes ahead')
  return time
}

interface RevocationView {
  readonly kind: RevocationKind
  readonly issuer: string | null
  readonly value: string
  readonly before: string | null
  readonly until: string
  readonly created: string
}

function viewOf(one: Revocation): RevocationView {
  return {
    kind: one.kind,
    issuer: one.issuer ?? null,
    value: one.value,
    before: one.kind === 'token' ? null : isoOf(one.before),
    until: isoOf(one.until),
    created: isoOf(one.created),
  }
}

function show(call: Call, found: readonly Revocation[]): void {
  const views = found.map(viewOf)
  if (call.values['json'] === true) {
    print(call, views)
    return
  }
  const rows = views.map((view) => [
    view.kind,
    view.issuer ?? 'any',
    view.value,
    view.before ?? '',
    view.until,
    view.created,
  ])
  const header = ['kind', 'issuer', 'value', 'issued before', 'kept until', 'revoked']
  call.terminal.out(renderTable(header, rows, { colour: call.terminal.colourOut }))
}

function print(call: Call, value: unknown): void {
  call.terminal.out(`${JSON.stringify(value, null, 2)}\n`)
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}
