import type {
  Imported,
  ImportedApi,
  ImportedAuthentication,
  ImportedIssuer,
  ImportedLimit,
  ImportedRoute,
} from './imported.ts'
import { parsePath } from './path-template.ts'
import {
  isRecord,
  listOf,
  type Members,
  member,
  Notes,
  nameOf,
  numberOf,
  textOf,
  textsOf,
} from './reading.ts'

interface Grouped {
  readonly upstream: string
  readonly routes: ImportedRoute[]
}

/** KrakenD’s configuration, versions 2 and 3. */
export function readKrakend(tree: unknown, source: string): Imported {
  const notes = new Notes()
  const issuers = new Map<string, ImportedIssuer>()
  const groups = new Map<string, Grouped>()
  for (const [i, endpoint] of listOf(tree, 'endpoints').entries()) {
    const path = textOf(endpoint, 'endpoint')
    const method = (textOf(endpoint, 'method') || 'GET').toUpperCase()
    const where = `endpoint ${i + 1}: ${method} ${path.slice(0, 120)}`
    const parsed = parsePath(path)
    if (typeof parsed === 'string') {
      notes.add(
        where,
        `a path that is not carried over (${parsed})`,
        'declare its operations in the contract',
      )
      continue
    }
    if (parsed.loss !== undefined) notes.add(where, parsed.loss, 'look at the contract')
    const upstream = upstreamOf(endpoint, tree, path, where, notes)
    const extra = extraOf(endpoint)
    const route: ImportedRoute = {
      method,
      template: parsed.template,
      authentication: authenticationOf(extra, issuers, where, notes),
      limits: limitsOf(extra, where, notes),
      query: textsOf(endpoint, 'input_query_strings')
        .concat(textsOf(endpoint, 'querystring_params'))
        .filter((name) => name !== '*'),
      ...(extra.has('validation/json-schema') ? { body: extra.get('validation/json-schema') } : {}),
    }
    if (textsOf(endpoint, 'input_query_strings').includes('*'))
      notes.add(where, 'any query parameter is passed on', 'declare those that are meant: others are refused')
    for (const name of extra.keys())
      if (!carried.has(name))
        notes.add(
          where,
          `\`${nameOf(name.replaceAll('/', '-'), 'extra')}\``,
          remedies.get(name) ?? 'has no counterpart here',
        )
    const group = groups.get(upstream) ?? { upstream, routes: [] }
    groups.set(upstream, group)
    group.routes.push(route)
  }
  const whole = extraOf(tree)
  const cors = whole.get('security/cors') ?? whole.get('github_com/devopsfaith/krakend-cors')
  const origins = textsOf(cors, 'allow_origins').filter(
    (origin) => origin === '*' || /^https?:\/\/[^*/]+$/.test(origin),
  )
  for (const name of whole.keys())
    if (name !== 'security/cors' && name !== 'github_com/devopsfaith/krakend-cors')
      notes.add(
        'the service',
        `\`${nameOf(name.replaceAll('/', '-'), 'extra')}\``,
        remedies.get(name) ?? 'has no counterpart here',
      )
  const timeoutMs = durationOf(textOf(tree, 'timeout'))
  const named = new Set<string>()
  const apis = [...groups.values()].map(({ upstream, routes }): ImportedApi => {
    let name = nameOf(URL.parse(upstream)?.hostname.split('.')[0] ?? '', 'api')
    while (named.has(name)) name = `${name}-2`
    named.add(name)
    return {
      name,
      upstream,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(origins.length === 0
        ? {}
        : {
            cors: {
              origins: origins.includes('*') ? ['*'] : origins,
              credentials: member(cors, 'allow_credentials') === true && !origins.includes('*'),
            },
          }),
      routes,
    }
  })
  return { source, apis, issuers: [...issuers.values()], notes: notes.list }
}

const carried: ReadonlySet<string> = new Set([
  'auth/validator',
  'qos/ratelimit/router',
  'validation/json-schema',
  'github.com/devopsfaith/krakend-jose/validator',
  'github.com/devopsfaith/krakend-ratelimit/juju/router',
])
const remedies: ReadonlyMap<string, string> = new Map([
  ['validation/cel', 'write the expression as a function rule: the names differ'],
  ['modifier/lua-proxy', 'is not carried over: nothing of a configuration runs as code here'],
  ['modifier/lua-endpoint', 'is not carried over: nothing of a configuration runs as code here'],
  ['telemetry/metrics', '`/metrics` is at the `admin` address'],
  ['telemetry/opentelemetry', '`traceparent` is passed on'],
  ['telemetry/logging', 'events are written anyway: `log: { events: … }`'],
  ['router', 'limits of the listener are under `bounds` and `timeouts`'],
  ['security/http', 'replies get these headers anyway'],
  ['security/bot-detector', 'is not carried over'],
  ['auth/api-keys', 'issue keys with `sallyport keys create`'],
  ['auth/revoker', 'tokens are revoked with `sallyport tokens revoke`'],
  ['proxy', 'sequences and merges are not carried over: do them in a service behind the gate'],
])

function extraOf(value: unknown): ReadonlyMap<string, unknown> {
  const extra = member(value, 'extra_config')
  return new Map(isRecord(extra) ? Object.entries(extra) : [])
}

function upstreamOf(endpoint: unknown, tree: unknown, path: string, where: string, notes: Notes): string {
  const backends = listOf(endpoint, 'backend')
  const [backend] = backends
  if (backends.length > 1)
    notes.add(
      where,
      `${backends.length} backends merged into one reply`,
      'the first is called: merge in a service behind the gate',
    )
  const [host = 'http://upstream.invalid', ...more] = [...textsOf(backend, 'host'), ...textsOf(tree, 'host')]
  if (textsOf(backend, 'host').length > 1 && more.length > 0)
    notes.add(where, 'several hosts of one backend', 'name a load balancer as the upstream')
  const url = URL.parse(host.includes('://') ? host : `http://${host}`)
  const origin = url === null ? 'http://upstream.invalid' : `${url.protocol}//${url.host}`
  const pattern = textOf(backend, 'url_pattern')
  const method = textOf(backend, 'method').toUpperCase()
  if (method !== '' && method !== (textOf(endpoint, 'method') || 'GET').toUpperCase())
    notes.add(where, 'another method towards the backend', 'let the backend take the method of the endpoint')
  const extra = extraOf(backend)
  for (const name of extra.keys())
    notes.add(
      where,
      `\`${nameOf(name.replaceAll('/', '-'), 'extra')}\` of the backend`,
      remedies.get(name) ?? 'has no counterpart here',
    )
  for (const key of ['allow', 'deny', 'mapping', 'group', 'target'])
    if (member(backend, key) !== undefined)
      notes.add(
        where,
        `\`${key}\` reshapes the reply`,
        'what the contract does not declare is removed from replies; other changes belong behind the gate',
      )
  if (pattern === '' || plain(pattern) === plain(path)) return origin
  // A path that the endpoint lacks in front is the upstream's; anything else is a rewrite.
  if (plain(pattern).endsWith(plain(path)))
    return origin + pattern.slice(0, pattern.length - path.length).replace(/\/$/, '')
  notes.add(where, 'another path towards the backend', 'let the backend take the path of the endpoint')
  return origin
}

function plain(path: string): string {
  return path.replaceAll(/\{[^}]*\}/g, '{}').replace(/\/$/, '')
}

function authenticationOf(
  extra: ReadonlyMap<string, unknown>,
  issuers: Map<string, ImportedIssuer>,
  where: string,
  notes: Notes,
): ImportedAuthentication {
  const config = extra.get('auth/validator') ?? extra.get('github.com/devopsfaith/krakend-jose/validator')
  if (!isRecord(config)) return extra.has('auth/api-keys') ? { kind: 'key' } : { kind: 'none' }
  const issuer = textOf(config, 'issuer')
  const jwks = textOf(config, 'jwk_url')
  const known = URL.parse(issuer || jwks)?.hostname ?? ''
  const name = nameOf(known.split('.').slice(0, 2).join('-'), 'tokens')
  if (issuer === '')
    notes.add(where, 'the issuer of tokens is not checked by KrakenD', 'write it under `issuers`')
  const audience = textsOf(config, 'audience')
  const before = issuers.get(name)
  const algorithm = textOf(config, 'alg') || 'RS256'
  const roles = textOf(config, 'roles_key')
  const secure = /^https:/.test(jwks)
  if (jwks !== '' && !secure)
    notes.add(
      where,
      'keys fetched without TLS',
      'are found by discovery instead: write an https URL under `keys`',
    )
  issuers.set(name, {
    name,
    ...(issuer === '' ? {} : { issuer }),
    audience: [...new Set([...(before?.audience ?? []), ...audience])],
    algorithms: [...new Set([...(before?.algorithms ?? []), algorithm])],
    ...(secure ? { jwks } : before?.jwks === undefined ? {} : { jwks: before.jwks }),
    ...(roles !== '' ? { roles } : before?.roles === undefined ? {} : { roles: before.roles }),
  })
  return { kind: 'token', issuer: name, scopes: textsOf(config, 'scopes'), roles: textsOf(config, 'roles') }
}

function limitsOf(
  extra: ReadonlyMap<string, unknown>,
  where: string,
  notes: Notes,
): readonly ImportedLimit[] {
  const config =
    extra.get('qos/ratelimit/router') ?? extra.get('github.com/devopsfaith/krakend-ratelimit/juju/router')
  if (!isRecord(config)) return []
  const client = numberOf(config, 'client_max_rate') ?? numberOf(config, 'clientMaxRate')
  const whole = numberOf(config, 'max_rate') ?? numberOf(config, 'maxRate')
  if (whole !== undefined) notes.add(where, 'a limit for all callers together', 'write `per: api`')
  const strategy = textOf(config, 'strategy')
  if (client === undefined) return []
  if (strategy !== 'ip')
    notes.add(where, 'a limit by header', 'is one by caller: change `per` where it is not meant')
  return [
    {
      per: strategy === 'ip' ? 'ip' : 'caller',
      rate: `${Math.max(1, Math.floor(client))}/${everyOf(config)}`,
    },
  ]
}

function everyOf(config: Members): string {
  const every = textOf(config, 'every')
  const match = /^(\d+)(s|m|h)$/.exec(every)
  return match === null ? 's' : `${match[1]}${match[2] === 'm' ? 'min' : match[2]}`
}

function durationOf(text: string): number | undefined {
  const match = /^(\d+)(ms|s|m)$/.exec(text)
  if (match === null) return undefined
  return Number(match[1]) * (match[2] === 'ms' ? 1 : match[2] === 's' ? 1000 : 60_000)
}
