/** What a token's claims must say, beside who it is about. */
export interface ClaimsRule {
  readonly issuer: string
  readonly audience: ReadonlySet<string>
  readonly toleranceSeconds: number
}

/**
 * Checks `iss`, `aud`, `exp`, `nbf`, `iat` (RFC 7519 §4.1, RFC 9068 §4). Undefined when all hold; `expired` only when
 * nothing else is wrong; else the claim that is.
 */
export function checkClaims(
  claims: Readonly<Record<string, unknown>>,
  rule: ClaimsRule,
  nowMs: number,
): string | undefined {
  if (claims['iss'] !== rule.issuer) return 'iss'
  if (!isMeantFor(claims['aud'], rule.audience)) return 'aud'
  const { exp, nbf, iat } = claims
  if (!isInstant(exp)) return 'exp'
  const now = nowMs / 1000
  const latest = now + rule.toleranceSeconds
  if (nbf !== undefined && !(isInstant(nbf) && nbf <= latest)) return 'nbf'
  if (iat !== undefined && !(isInstant(iat) && iat <= latest)) return 'iat'
  return exp <= now - rule.toleranceSeconds ? 'expired' : undefined
}

/** Whether `aud`, a string or a list of strings, holds an accepted audience. */
export function isMeantFor(aud: unknown, accepted: ReadonlySet<string>): boolean {
  if (typeof aud === 'string') return accepted.has(aud)
  if (!Array.isArray(aud)) return false
  let meant = false
  for (const item of aud) {
    if (typeof item !== 'string') return false
    if (accepted.has(item)) meant = true
  }
  return meant
}

/** NumericDate (RFC 7519 §2): finite, not negative, within what a date can be. */
function isInstant(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 8_640_000_000_000
}
