import { type Client, errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider'
import { extensionIn } from './client-registration.ts'
import type { Resource } from './options.ts'

/** Scopes of OpenID Connect: they name claims, not powers at an API. */
export const openidScopes = ['openid', 'offline_access', 'profile', 'email'] as const

/** The APIs as resource indicators (RFC 8707): one audience a token, nothing that is not declared. */
export interface Resources {
  /** What is meant where a request names none: the only API, if there is but one. */
  defaultOf(oneOf: readonly string[] | undefined): string | string[] | undefined
  /** How tokens of an API look, for one client. Throws `InvalidTarget`, `InvalidScope`. */
  serverOf(ctx: KoaContextWithOIDC, identifier: string, client: Client): ResourceServer
  /** Whether tokens of this grant are for an API although the token request names none. */
  isForApi(scopes: ReadonlySet<string>): boolean
  find(identifier: string): Resource | undefined
  /** Other APIs, or other scopes, from now on. */
  replace(all: readonly Resource[]): void
}

export function createResources(first: readonly Resource[], tokenSeconds: number): Resources {
  const openid = new Set<string>(openidScopes)
  let byIdentifier: ReadonlyMap<string, Resource> = new Map()
  let apiScopes: ReadonlySet<string> = new Set()
  let single: string | undefined

  function replace(all: readonly Resource[]): void {
    byIdentifier = new Map(all.map((resource) => [resource.identifier, resource]))
    apiScopes = new Set(all.flatMap((resource) => [...resource.scopes.keys()]))
    single = all.length === 1 ? all[0]?.identifier : undefined
  }
  replace(first)

  return {
    replace,
    find: (identifier) => byIdentifier.get(identifier),
    defaultOf(oneOf) {
      if (oneOf === undefined) return single
      return oneOf.length === 1 ? oneOf[0] : [...oneOf]
    },
    isForApi(scopes) {
      for (const scope of scopes) if (!openid.has(scope)) return true
      return false
    },
    serverOf(ctx, identifier, client) {
      const resource = byIdentifier.get(identifier)
      if (resource === undefined) throw new errors.InvalidTarget()
      const allowed = new Set(extensionIn(client).scopes)
      const asked = ctx.oidc.params?.['scope']
      if (typeof asked === 'string')
        for (const scope of asked.split(' '))
          if (apiScopes.has(scope) && !allowed.has(scope))
            throw new errors.InvalidScope('requested scope is not allowed', scope)
      return {
        audience: identifier,
        scope: [...resource.scopes.keys()].filter((scope) => allowed.has(scope)).join(' '),
        accessTokenTTL: tokenSeconds,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }
    },
  }
}
