/** Fields of an upstream's reply that never leave: banners, and what only the gate may say. */
const dropped: ReadonlySet<string> = new Set([
  'server',
  'via',
  'x-powered-by',
  'x-aspnet-version',
  'x-aspnetmvc-version',
  'x-runtime',
  'x-generator',
  'x-debug-token',
  'x-debug-token-link',
  'x-sourcemap',
  'sourcemap',
  'content-length',
  'x-request-id',
  'x-content-type-options',
  'strict-transport-security',
  'ratelimit',
  'ratelimit-policy',
  'context-trust',
  'context-risk',
  'context-sanitized',
])

/** Fields about the octets of a body; they do not hold for a body that was changed (RFC 9530, RFC 9110 §14). */
const ofOctets: ReadonlySet<string> = new Set([
  'content-md5',
  'digest',
  'content-digest',
  'repr-digest',
  'signature',
  'signature-input',
  'accept-ranges',
  'content-range',
])

/** True where a field does not hold for a body whose texts were changed. */
export function speaksOfOctets(name: string): boolean {
  return ofOctets.has(name)
}

/** True where a reply field of the upstream must not reach the caller. */
export function isDroppedField(name: string): boolean {
  if (dropped.has(name)) return true
  return name.startsWith('access-control-') || name.startsWith('sallyport-') || name.startsWith('x-envoy-')
}

const plain: readonly string[] = ['X-Content-Type-Options', 'nosniff', 'Referrer-Policy', 'no-referrer']
const secured: readonly string[] = [...plain, 'Strict-Transport-Security', 'max-age=31536000']

/** Fields that every reply carries (OWASP REST security; HSTS on TLS only, RFC 6797 §7.2). */
export function securityFields(secure: boolean): readonly string[] {
  return secure ? secured : plain
}

/** For replies that say nothing themselves: no script, no frame. */
export const defaultPolicy: readonly string[] = [
  'Content-Security-Policy',
  "default-src 'none'; frame-ancestors 'none'",
]
