import type { Arrived, Reply } from '../kernel/facts.ts'
import { type Denial, deny } from '../kernel/verdict.ts'
import { securityFields } from '../stages/screen/reply-fields.ts'

/** Which origins may read an API's replies (Fetch standard, CORS protocol). */
export interface CorsPolicy {
  /** Exact origins, `https://app.example`; never `*` and never `null`. */
  readonly origins: readonly string[]
  readonly credentials: boolean
  /** Seconds a preflight may be remembered. */
  readonly maxAge: number
}

const exposed = 'RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id'

/** True for a CORS preflight (Fetch §3.2.2): it carries no credential and changes nothing. */
export function isPreflight(arrived: Arrived): boolean {
  return (
    arrived.method === 'OPTIONS' &&
    arrived.fields.has('origin') &&
    arrived.fields.has('access-control-request-method')
  )
}

/** The origin's fields for a reply of this API; none for an origin off the list. */
export function corsFields(policy: CorsPolicy, origin: string): readonly string[] {
  if (!policy.origins.includes(origin)) return ['Vary', 'Origin']
  const fields = [
    'Access-Control-Allow-Origin',
    origin,
    'Vary',
    'Origin',
    'Access-Control-Expose-Headers',
    exposed,
  ]
  return policy.credentials ? [...fields, 'Access-Control-Allow-Credentials', 'true'] : fields
}

/** Answers a preflight for a path whose declared methods are `allow` (row E04). */
export function answerPreflight(policy: CorsPolicy, arrived: Arrived, allow: readonly string[]): Reply {
  const origin = arrived.fields.get('origin') ?? ''
  const base = ['X-Request-Id', arrived.id, ...securityFields(arrived.channel.secure)]
  if (!policy.origins.includes(origin))
    return { status: 403, fields: [...base, 'Vary', 'Origin'], body: undefined }
  const requested = arrived.fields.get('access-control-request-headers')
  const fields = [
    ...base,
    'Access-Control-Allow-Origin',
    origin,
    'Access-Control-Allow-Methods',
    allow.join(', '),
    'Access-Control-Max-Age',
    String(policy.maxAge),
    'Vary',
    'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
  ]
  if (requested !== undefined && /^[A-Za-z0-9,\- ]{1,1024}$/.test(requested))
    fields.push('Access-Control-Allow-Headers', requested)
  if (policy.credentials) fields.push('Access-Control-Allow-Credentials', 'true')
  return { status: 204, fields, body: undefined }
}

/**
 * Refuses a call from a foreign page that carries the user's cookies and changes something (row E04), and a
 * WebSocket handshake from a foreign page (row P07), which CORS does not cover.
 */
export function refuseForeignOrigin(origins: readonly string[], arrived: Arrived): Denial | undefined {
  const origin = arrived.fields.get('origin')
  if (origin === undefined || origins.includes(origin)) return undefined
  const scheme = arrived.channel.secure ? 'https' : 'http'
  if (origin === `${scheme}://${arrived.authority}`) return undefined
  const safe = arrived.method === 'GET' || arrived.method === 'HEAD' || arrived.method === 'OPTIONS'
  if (arrived.upgrade === undefined && (safe || !arrived.fields.has('cookie'))) return undefined
  return deny('AUTHORIZE_ORIGIN', 'match.origin', 'origin is not on the list')
}
