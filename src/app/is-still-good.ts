import type { Principal } from '../kernel/principal.ts'
import type { KeyDirectory } from '../stages/identify/api-key/key-directory.ts'
import { keyIssuer, keySubjectPrefix } from '../stages/identify/api-key/known-key.ts'
import type { Revocations } from '../stages/identify/revocation-list.ts'

/**
 * Whether credentials that were good when a call came have been taken back since; what cannot be known counts as taken
 * back. An opaque token that only its own issuer has revoked is not asked about again: it lasts until it expires.
 */
export function isStillGood(revocations: Revocations, keys: KeyDirectory, principal: Principal): boolean {
  if (revocations.judge(principal) !== undefined) return false
  return [principal, ...(principal.beside ?? [])].every((one) => isKeyGood(keys, one))
}

function isKeyGood(keys: KeyDirectory, { issuer, sub, credential }: Principal): boolean {
  if (issuer !== keyIssuer) return true
  if (!keys.isFresh()) return false
  const known = keys.find(sub.slice(keySubjectPrefix.length))
  if (known instanceof Promise) {
    // Being looked up: the next look tells.
    known.catch(() => undefined)
    return true
  }
  if (known === undefined || known.key.disabled || known.key.revoked !== undefined) return false
  return known.secrets.some((secret) => secret.principal.credential === credential)
}
