import type { ApiKey } from '../kernel/api-key.ts'

/** A key as commands show it: without any secret, and without digests, which nobody needs to see. */
export interface ApiKeyView {
  readonly id: string
  readonly name: string
  readonly owner: string
  readonly status: 'active' | 'disabled' | 'revoked' | 'expired'
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  /** ISO 8601. */
  readonly created: string
  readonly expires: string | null
  readonly lastUsed: string | null
  /** Until when the secret before the last rotation works. */
  readonly overlapUntil: string | null
}

export function viewOf(key: ApiKey, now: number): ApiKeyView {
  const overlap = key.secrets[1]?.until
  return {
    id: key.id,
    name: key.name,
    owner: key.owner,
    status: statusOf(key, now),
    scopes: key.scopes,
    roles: key.roles,
    created: new Date(key.created).toISOString(),
    expires: timeOf(key.expires),
    lastUsed: timeOf(key.lastUsed),
    overlapUntil: overlap === undefined || overlap <= now ? null : timeOf(overlap),
  }
}

function statusOf({ revoked, disabled, expires }: ApiKey, now: number): ApiKeyView['status'] {
  if (revoked !== undefined) return 'revoked'
  if (expires !== undefined && expires <= now) return 'expired'
  return disabled ? 'disabled' : 'active'
}

function timeOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}
