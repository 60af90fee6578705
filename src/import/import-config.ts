// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import type { Imported, ImportedIssuer, ImportedLimit, ImportNote } from './imported.ts'
import type { MountedApi } from './separate-apis.ts'
import type { NamedRoute } from './skeleton.ts'

/** An API with its contract, as `sallyport.yaml` names it. */
export interface ContractedApi {
  readonly api: MountedApi
  readonly routes: readonly NamedRoute[]
  /** Path of the contract, relative to the file. */
  readonly contract: string
}

/**
 * A commented `sallyport.yaml`. Deterministic; ends with what could not be carried over. With a contract `ofOthers` rules for
 * single operations are comments: only its author knows what they are called there.
 */
export function importConfig(imported: Imported, apis: readonly ContractedApi[], ofOthers = false): string {
  const issuers = imported.issuers.flatMap(issuerLines)
  return `${[
    `# Written by \`sallyport import\` from ${comment(imported.source)}. Every key: docs/configuration.md.`,
    'listen:',
    '  - address: 127.0.0.1:8080',
    'admin: { address: 127.0.0.1:9090 }',
    ...(issuers.length === 0 ? [] : ['', 'issuers:', ...issuers]),
    ...(imported.keyHeader === undefined
      ? []
      : [
          '',
          '# Issue keys with `sallyport keys create`; those of before are not carried over.',
          `keys: { header: ${quoted(imported.keyHeader)} }`,
        ]),
    '',
    'apis:',
    ...apis.flatMap((one) => apiLines(one, imported, ofOthers)),
    ...noteLines(imported.notes),
  ].join('\n')}\n`
}

function issuerLines({ name, issuer, audience, algorithms, jwks, roles }: ImportedIssuer): readonly string[] {
  if (issuer === undefined || !/^https:/.test(issuer))
    return [
      '  # The other configuration does not say who issues tokens. This development issuer stands in: put your own in its place,',
      '  # with `issuer`, `audience`, `algorithms` and `keys: discovery`, and remove `signingKey`.',
      `  ${name}:`,
      '    issuer: https://development.invalid',
      `    audience: ${audience.length === 0 ? quoted(name) : list(audience)}`,
      '    algorithms: [ES256]',
      '    keys: { jwks: .sallyport/jwks.json }',
      '    signingKey: .sallyport/signing-key.json',
      ...(roles === undefined ? [] : [`    roles: ${quoted(roles)}`]),
    ]
  return [
    `  ${name}:`,
    `    issuer: ${quoted(issuer)}`,
    ...(audience.length === 0
      ? [
          '    # Nothing said for whom tokens must be: until the right value stands here every token is refused.',
          `    audience: https://audience.invalid`,
        ]
      : [`    audience: ${list(audience)}`]),
    `    algorithms: ${list(algorithms.length === 0 ? ['RS256'] : algorithms)}`,
    `    keys: ${jwks === undefined ? 'discovery' : `{ jwks: ${quoted(jwks)} }`}`,
    ...(roles === undefined ? [] : [`    roles: ${quoted(roles)}`]),
  ]
}

function apiLines(
  { api, routes, contract }: ContractedApi,
  imported: Imported,
  ofOthers: boolean,
): readonly string[] {
  const tokens = new Set(
    routes.flatMap(({ authentication }) => (authentication.kind === 'token' ? [authentication.issuer] : [])),
  )
  const security = [
    ...(tokens.size === 0 ? [] : [`bearerAuth: ${list([...tokens])}`]),
    ...(routes.some(({ authentication }) => authentication.kind === 'key') ? ['apiKey: keys'] : []),
  ]
  const upstream =
    api.timeoutMs === undefined
      ? quoted(api.upstream)
      : `{ url: ${quoted(api.upstream)}, timeout: ${api.timeoutMs}ms }`
  const silent = routes.filter(({ authentication }) => authentication.kind === 'none')
  return [
    `  ${api.name}:`,
    `    contract: ${quoted(contract)}`,
    `    upstream: ${upstream}`,
    ...(api.host === undefined ? [] : [`    host: ${quoted(api.host)}`]),
    ...(api.basePath === '' ? [] : [`    basePath: ${quoted(api.basePath)}`]),
    ...(security.length === 0 ? [] : [`    security: { ${security.join(', ')} }`]),
    ...(api.cors === undefined
      ? []
      : [
          `    cors: { origins: ${list(api.cors.origins)}${api.cors.credentials ? ', credentials: true' : ''} }`,
        ]),
    ...(api.requestBody === undefined ? [] : [`    bounds: { requestBody: ${api.requestBody} }`]),
    ...(silent.length === 0
      ? []
      : [
          `    # Nothing in ${comment(imported.source)} says who may call these. They stay closed until they are opened here, or until the contract`,
          '    # names a security scheme for them.',
          `    # open: ${list(silent.map(({ id }) => id))}`,
        ]),
    ...kept(functionLines(routes), ofOthers),
    ...kept(limitLines(routes), ofOthers),
  ]
}

function kept(lines: readonly string[], ofOthers: boolean): readonly string[] {
  const [head, ...rules] = lines
  if (head === undefined || !ofOthers) return lines
  const single = rules.filter((line) => !line.includes('for: "*"'))
  const comments = single.map((line) => line.replace('      - ', '      # - '))
  const rest = rules.filter((line) => !single.includes(line))
  return rest.length === 0 ? [head.replace('    ', '    # '), ...comments] : [head, ...rest, ...comments]
}

function functionLines(routes: readonly NamedRoute[]): readonly string[] {
  const byRoles = new Map<string, string[]>()
  for (const { authentication, id } of routes) {
    if (authentication.kind !== 'token' || authentication.roles.length === 0) continue
    const allow = authentication.roles
      .map((role) => `'${role.replace(/[\\']/g, '')}' in caller.roles`)
      .join(' || ')
    byRoles.set(allow, [...(byRoles.get(allow) ?? []), id])
  }
  if (byRoles.size === 0) return []
  return [
    '    functions:',
    ...[...byRoles].map(([allow, ids]) => `      - { for: ${list(ids)}, allow: ${quoted(allow)} }`),
  ]
}

function limitLines(routes: readonly NamedRoute[]): readonly string[] {
  const byLimit = new Map<string, { limit: ImportedLimit; ids: string[] }>()
  for (const { limits, id } of routes)
    for (const limit of limits) {
      const key = `${limit.per} ${limit.rate}`
      const known = byLimit.get(key)
      if (known === undefined) byLimit.set(key, { limit, ids: [id] })
      else if (!known.ids.includes(id)) known.ids.push(id)
    }
  if (byLimit.size === 0) return []
  const lines = [...byLimit.values()].map(({ limit, ids }) => {
    const whole = ids.length === routes.length
    return `      - { for: ${whole ? '"*"' : list(ids)}, per: ${limit.per}, rate: ${limit.rate} }`
  })
  return ['    limits:', ...lines]
}

function noteLines(notes: readonly ImportNote[]): readonly string[] {
  if (notes.length === 0) return []
  return [
    '',
    '# Not carried over:',
    ...notes.map(({ where, what, then }) => `# - ${comment(where)}: ${comment(what)}; ${comment(then)}`),
  ]
}

/** A text as YAML reads it back, with `${` kept as it is. */
function quoted(text: string): string {
  return JSON.stringify(text.replaceAll('${', () => '$${'))
}

function list(words: readonly string[]): string {
  return `[${words.map(quoted).join(', ')}]`
}

function comment(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ').slice(0, 300)
}
