import type { Config } from '../config/config.ts'
import type { IssuerConfig } from '../config/types/identity-config.ts'
import { parseDuration } from '../config/values/parse-duration.ts'
import { nearest } from '../config/yaml/nearest.ts'
import { type Command, textOf, textsOf } from './command.ts'
import { readConfig } from './load-policy.ts'
import { Misuse } from './misuse.ts'

export const tokenCommand: Command = {
  name: 'token',
  summary: 'make a token from an issuer whose signing key is local (development)',
  help: `
Usage: sallyport token --issuer NAME --subject S [options]

Signs an access token with the key that \`issuers.NAME.signingKey\` names, or with its shared secret,
and prints it. For development: the gateway treats it like any token of that issuer.

      --issuer NAME    issuer in the configuration; may be left out where there is one
      --subject S      the caller's id
      --scope "a b"    scopes
      --role R         a role; may be repeated
      --client ID      the client's id
      --claim N=VALUE  any other claim, VALUE as JSON or text; may be repeated
      --expires 1h     lifetime (default 1h)
      --config FILE    configuration (default sallyport.yaml)
`,
  options: {
    issuer: { type: 'string' },
    subject: { type: 'string' },
    scope: { type: 'string' },
    role: { type: 'string', multiple: true },
    client: { type: 'string' },
    claim: { type: 'string', multiple: true },
    expires: { type: 'string', default: '1h' },
    config: { type: 'string', default: 'sallyport.yaml' },
  },
  async run({ values, terminal }) {
    const subject = textOf(values, 'subject')
    if (subject === undefined || subject === '') throw new Misuse('token: write --subject S')
    const lifetime = parseDuration(textOf(values, 'expires') ?? '')
    if (lifetime === undefined || lifetime < 1000)
      throw new Misuse('token: --expires takes a duration such as 1h')
    const { config } = await readConfig(textOf(values, 'config') ?? '')
    const issuer = pick(config, textOf(values, 'issuer'))
    const { signToken } = await import('./sign-token.ts')
    const token = await signToken(issuer, {
      subject,
      scope: textOf(values, 'scope'),
      roles: textsOf(values, 'role'),
      client: textOf(values, 'client'),
      claims: textsOf(values, 'claim').map(parseClaim),
      lifetimeSeconds: Math.floor(lifetime / 1000),
    })
    terminal.out(`${token}\n`)
    return 0
  },
}

function pick(config: Config, name: string | undefined): IssuerConfig {
  const names = config.issuers.map((issuer) => issuer.name)
  if (name === undefined) {
    const [only, ...more] = config.issuers
    if (only === undefined || more.length > 0)
      throw new Misuse(`token: write --issuer NAME; there are ${names.join(', ') || 'none'}`)
    return only
  }
  const issuer = config.issuers.find((candidate) => candidate.name === name)
  if (issuer !== undefined) return issuer
  const close = nearest(name, names)
  throw new Misuse(
    `token: there is no such issuer${close === undefined ? `; there are ${names.join(', ') || 'none'}` : `, did you mean \`${close}\`?`}`,
  )
}

function parseClaim(text: string): readonly [string, unknown] {
  const at = text.indexOf('=')
  if (at < 1) throw new Misuse('token: --claim takes NAME=VALUE')
  const value = text.slice(at + 1)
  try {
    return [text.slice(0, at), JSON.parse(value)]
  } catch {
    return [text.slice(0, at), value]
  }
}
