import type { ApiKey } from '../../../kernel/api-key.ts'
import type { Principal } from '../../../kernel/principal.ts'

/** Issuer of every principal that came by an API key; no issuer of tokens may be called so. */
export const keyIssuer = 'keys'

/** Before the id in the subject: a key is never the user of that name. */
export const keySubjectPrefix = 'key:'

/** A secret with what it proves. */
export interface KnownSecret {
  /** SHA-256 of the whole key. */
  readonly digest: Buffer
  /** Milliseconds since the epoch. */
  readonly until: number
  readonly principal: Principal
}

/** An API key as calls need it. */
export interface KnownKey {
  readonly key: ApiKey
  readonly secrets: readonly KnownSecret[]
}

/** Makes the principals of a key once: a call then allocates nothing. */
export function knownKeyOf(key: ApiKey): KnownKey {
  const claims: Record<string, unknown> = Object.create(null)
  claims['sub'] = keySubjectPrefix + key.id
  claims['client_id'] = key.owner
  claims['name'] = key.name
  claims['iat'] = Math.floor(key.created / 1000)
  const shared = {
    issuer: keyIssuer,
    sub: keySubjectPrefix + key.id,
    client: key.owner,
    roles: Object.freeze([...key.roles]),
    scopes: Object.freeze([...key.scopes]),
    amr: Object.freeze([]),
    claims: Object.freeze(claims),
    kind: 'api-key',
  } as const
  const secrets = key.secrets.map(({ digest, until }): KnownSecret => {
    const end = Math.min(until ?? Infinity, key.expires ?? Infinity)
    return {
      digest: Buffer.from(digest, 'hex'),
      until: end,
      principal: Object.freeze({
        ...shared,
        expires: end === Infinity ? undefined : Math.floor(end / 1000),
        credential: digest.slice(0, 16),
      }),
    }
  })
  return { key, secrets }
}
