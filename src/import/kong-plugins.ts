import type { ImportedApi, ImportedAuthentication, ImportedIssuer, ImportedLimit } from './imported.ts'
import {
  isRecord,
  listOf,
  type Members,
  member,
  type Notes,
  nameOf,
  numberOf,
  textOf,
  textsOf,
} from './reading.ts'

/** What the plugins at one place come to. */
export interface KongSettings {
  authentication: ImportedAuthentication
  limits: ImportedLimit[]
  cors: ImportedApi['cors']
  requestBody: number | undefined
}

/** Reads Kong’s plugins; remembers the issuers and the header of keys that they name. */
export class KongPlugins {
  readonly issuers: Map<string, ImportedIssuer> = new Map()
  keyHeader: string | undefined
  readonly #notes: Notes

  constructor(notes: Notes) {
    this.#notes = notes
  }

  /** Settings of a place: those around it, and what its own plugins say. */
  read(list: readonly unknown[], where: string, inherited: KongSettings | undefined): KongSettings {
    const found: KongSettings = {
      authentication: inherited?.authentication ?? { kind: 'none' },
      limits: [...(inherited?.limits ?? [])],
      cors: inherited?.cors,
      requestBody: inherited?.requestBody,
    }
    for (const plugin of list) {
      if (!isRecord(plugin) || member(plugin, 'enabled') === false) continue
      const config = member(plugin, 'config')
      this.#plugin(textOf(plugin, 'name'), isRecord(config) ? config : {}, where, found)
    }
    return found
  }

  #plugin(name: string, config: Members, where: string, found: KongSettings): void {
    switch (name) {
      case 'jwt':
        found.authentication = this.#token('jwt', { audience: [], algorithms: [] })
        this.#notes.add(
          where,
          'plugin `jwt` trusts keys of its consumers, and checks neither issuer nor audience',
          'write the issuer, its audience and its keys under `issuers`',
        )
        if (textsOf(config, 'uri_param_names').length > 0 && member(config, 'uri_param_names') !== undefined)
          this.#notes.add(where, 'tokens in the query', 'are not taken: callers send `Authorization: Bearer`')
        return
      case 'openid-connect': {
        const issuer = textOf(config, 'issuer').replace(/\/\.well-known\/.*$/, '')
        const audience = textsOf(config, 'audience_required')
        found.authentication = this.#token(
          nameOf(hostOf(issuer), 'oidc'),
          {
            ...(issuer === '' ? {} : { issuer }),
            audience,
            algorithms: [],
          },
          textsOf(config, 'scopes_required'),
        )
        this.#notes.add(
          where,
          'sign-in in the browser and sessions of `openid-connect`',
          'tokens are checked here; sign-in is the embedded authority’s (`authority`)',
        )
        return
      }
      case 'key-auth': {
        const [header = 'apikey'] = textsOf(config, 'key_names')
        if (this.keyHeader !== undefined && this.keyHeader !== header)
          this.#notes.add(
            where,
            'a second header for API keys',
            `keys are taken from \`${this.keyHeader}\` only`,
          )
        this.keyHeader ??= header
        if (member(config, 'key_in_query') !== false)
          this.#notes.add(
            where,
            'API keys in the query',
            `are not taken: callers send the header \`${header}\``,
          )
        found.authentication = { kind: 'key' }
        return
      }
      case 'rate-limiting':
      case 'rate-limiting-advanced':
        found.limits = this.#limits(config, where)
        return
      case 'request-size-limiting': {
        const megabytes = numberOf(config, 'allowed_payload_size')
        if (megabytes !== undefined) found.requestBody = Math.floor(megabytes * 1_000_000)
        return
      }
      case 'cors': {
        const origins = textsOf(config, 'origins').filter(
          (origin) => /^https?:\/\/[^*/]+$/.test(origin) || origin === '*',
        )
        if (origins.length < textsOf(config, 'origins').length)
          this.#notes.add(where, 'origins by pattern', 'write each origin under `cors.origins`')
        const credentials = member(config, 'credentials') === true && !origins.includes('*')
        if (origins.length > 0) found.cors = { origins: origins.includes('*') ? ['*'] : origins, credentials }
        return
      }
      case 'acl':
        this.#notes.add(
          where,
          'groups of consumers (plugin `acl`)',
          'write a function rule: `functions: [{ for: "*", allow: "\'group\' in caller.roles" }]`',
        )
        return
      default:
        this.#notes.add(
          where,
          `plugin \`${nameOf(name, 'without name')}\``,
          remedies.get(name) ?? 'has no counterpart here',
        )
    }
  }

  #token(
    name: string,
    issuer: Omit<ImportedIssuer, 'name'>,
    scopes: readonly string[] = [],
  ): ImportedAuthentication {
    if (!this.issuers.has(name)) this.issuers.set(name, { name, ...issuer })
    return { kind: 'token', issuer: name, scopes, roles: [] }
  }

  #limits(config: Members, where: string): ImportedLimit[] {
    const by = textOf(config, 'limit_by') || textOf(config, 'identifier') || 'consumer'
    const per = by === 'ip' ? 'ip' : by === 'credential' ? 'client' : 'caller'
    if (!['ip', 'consumer', 'credential'].includes(by))
      this.#notes.add(
        where,
        'a limit by header, path or service',
        'is one by caller: change `per` where it is not meant',
      )
    const windows: readonly (readonly [string, string])[] = [
      ['second', 's'],
      ['minute', 'min'],
      ['hour', 'h'],
      ['day', 'day'],
    ]
    const simple = windows.flatMap(([key, unit]) => {
      const count = numberOf(config, key)
      return count === undefined ? [] : [{ per, rate: `${Math.floor(count)}/${unit}` } as const]
    })
    for (const key of ['month', 'year'])
      if (numberOf(config, key) !== undefined)
        this.#notes.add(where, `a limit for a ${key}`, 'write a `quota`')
    const counts = listOf(config, 'limit')
    const sizes = listOf(config, 'window_size')
    const advanced = counts.flatMap((count, i) => {
      const size = sizes[i]
      return typeof count === 'number' && typeof size === 'number' && size <= 86_400
        ? [{ per, rate: `${count}/${size}s` } as const]
        : []
    })
    return [...simple, ...advanced]
  }
}

const remedies: ReadonlyMap<string, string> = new Map([
  ['ip-restriction', 'is not carried over: put it in front, or write `functions` with `request.ip`'],
  ['basic-auth', 'passwords on every call are not taken: let callers get tokens or keys'],
  ['hmac-auth', 'is not carried over: use tokens bound to keys (DPoP) or mutual TLS'],
  ['mtls-auth', 'write `certificates` and `clientAuthorities`'],
  ['oauth2', 'use the embedded authority (`authority`) or another issuer'],
  ['oauth2-introspection', 'write `tokens: { introspection: … }` at the issuer'],
  ['request-validator', 'write the schema into the contract'],
  ['bot-detection', 'is not carried over'],
  ['prometheus', '`/metrics` is at the `admin` address'],
  ['file-log', 'events are written anyway: `log: { events: … }`'],
  ['http-log', 'events are written anyway: `log: { events: … }`'],
  ['correlation-id', 'every call has `X-Request-Id` anyway'],
  ['request-transformer', 'what was judged is what is forwarded: transform in the upstream'],
  ['response-transformer', 'replies are screened, not transformed'],
  ['proxy-cache', 'nothing is cached here'],
  ['request-termination', 'leave the operation out of the contract'],
])

function hostOf(issuer: string): string {
  return (URL.parse(issuer)?.hostname ?? '').split('.').slice(0, 2).join('-')
}
