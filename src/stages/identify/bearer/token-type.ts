/** `typ` values of other kinds of JWT: never an access token, whatever the configuration says. */
export const foreignTypes: ReadonlySet<string> = new Set([
  'logout+jwt',
  'dpop+jwt',
  'secevent+jwt',
  'oauth-authz-req+jwt',
  'client-authentication+jwt',
  'token-introspection+jwt',
  'kb+jwt',
  'jose',
  'jose+json',
])

export const defaultTypes: readonly string[] = ['at+jwt', 'jwt', 'none']

/**
 * Claims that an access token (RFC 9068) never has and another kind does: ID token (OpenID Connect Core §2),
 * security event and logout token (RFC 8417), DPoP proof (RFC 9449), request object (RFC 9101).
 */
const foreignClaims = [
  'nonce',
  'at_hash',
  'c_hash',
  's_hash',
  'events',
  'htm',
  'htu',
  'response_type',
  'redirect_uri',
] as const

/** What vendors that leave `typ` at `JWT` write into the claims instead. */
const foreignMarks: ReadonlyMap<string, ReadonlySet<unknown>> = new Map([
  ['typ', new Set<unknown>(['ID', 'Refresh', 'Offline', 'Logout'])],
  ['token_use', new Set<unknown>(['id', 'refresh'])],
])

/**
 * Whether a verified JWT is an access token (RFC 9068 §4, RFC 8725 §3.11). With an explicit type that is
 * settled; a token that only says `JWT`, or nothing, must also show no sign of being something else.
 */
export function isAccessToken(
  type: string | undefined,
  claims: Readonly<Record<string, unknown>>,
  accepted: ReadonlySet<string>,
): boolean {
  const named = type ?? 'none'
  if (!accepted.has(named) || foreignTypes.has(named)) return false
  if (named !== 'jwt' && named !== 'none') return true
  for (const name of foreignClaims) if (claims[name] !== undefined) return false
  for (const [name, marks] of foreignMarks) if (marks.has(claims[name])) return false
  // A client assertion (RFC 7523 §3) is issued by its own subject.
  return claims['iss'] !== claims['sub']
}

/** Media types compare without case, and `application/` may be left out (RFC 7515 §4.1.9). */
export function bareType(typ: string): string {
  const lower = typ.toLowerCase()
  return lower.startsWith('application/') ? lower.slice(12) : lower
}
