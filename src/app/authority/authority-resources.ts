import type { Resource } from '../../authority/options.ts'
import { schemeMappings } from '../policy/api-policy.ts'
import type { Policy, PolicyApi } from '../policy/policy.ts'
import { toolScopesOf } from '../policy/tool-scopes.ts'

/** The APIs that take the embedded server's tokens, by audience, with the scopes that their contracts ask for. */
export function authorityResources(policy: Pick<Policy, 'loaded' | 'apis'>): readonly Resource[] {
  const { authority, issuers } = policy.loaded.config
  const words = new Map(authority?.scopes ?? [])
  const byAudience = new Map<string, Map<string, string | undefined>>()
  for (const issuer of issuers) {
    if (issuer.keys.kind !== 'authority') continue
    const scopes = policy.apis.flatMap((api) => [...scopesOf(policy, api, issuer.name)])
    for (const audience of issuer.audience) {
      const all = byAudience.get(audience) ?? new Map<string, string | undefined>()
      for (const scope of [...scopes, ...words.keys()]) all.set(scope, words.get(scope))
      byAudience.set(audience, all)
    }
  }
  return [...byAudience].map(([identifier, scopes]) => ({ identifier, scopes }))
}

/** Scopes that an API's operations ask of one issuer's tokens. */
function scopesOf(policy: Pick<Policy, 'loaded'>, api: PolicyApi, issuer: string): ReadonlySet<string> {
  const schemes = new Set(
    schemeMappings(policy, api)
      .filter(({ issuers }) => issuers !== 'public' && issuers.includes(issuer))
      .map(({ scheme }) => scheme),
  )
  const uses = api.contract.operations.flatMap((operation) => operation.security.flat())
  const asked = uses.filter((use) => schemes.has(use.scheme)).flatMap((use) => use.scopes)
  return new Set([...asked, ...(schemes.size === 0 ? [] : toolScopesOf(api))])
}
