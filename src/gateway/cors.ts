import type { Arrived, Reply } from '../kernel/facts.ts'
import { type Denial, deny } from '../kernel/verdict.ts'
import { securityFields } from '../stages/screen/reply-fields.ts'

/** Which origins may read an API's replies (Fetch standard, CORS protocol). */
export interface CorsPolicy {
  /** Exact origins, `https://app.example`, or `*` alone (never with credentials). `null` is no origin. */
  readonly origins: readonly string[]
  readonly credentials: boolean
  /** Request fields a page may set. */
  readonly headers: readonly string[]
  /** Reply fields a page may read, beside those of the gate itself. */
  readonly expose: readonly string[]
  /** Milliseconds a preflight may be remembered. */
  readonly maxAge: number
}

const ownFields = [
  'DPoP-Nonce',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'WWW-Authenticate',
  'X-Request-Id',
]

/** True for a CORS preflight (Fetch §3.2.2): it carries no credential and changes nothing. */
export function isPreflight(arrived: Arrived): boolean {
  return (
    arrived.method === 'OPTIONS' &&
    arrived.fields.has('origin') &&
    arrived.fields.has('access-control-request-method')
  )
}

/** `Access-Control-Allow-Origin` and what goes with it; nothing but `Vary` for an origin off the list. */
function originFields(policy: CorsPolicy, origin: string): string[] {
  if (policy.origins.length === 1 && policy.origins[0] === '*') return ['Access-Control-Allow-Origin', '*']
  if (origin === 'null' || !policy.origins.includes(origin)) return ['Vary', 'Origin']
  const fields = ['Access-Control-Allow-Origin', origin, 'Vary', 'Origin']
  if (policy.credentials) fields.push('Access-Control-Allow-Credentials', 'true')
  return fields
}

/** The origin's fields for a reply of this API. */
export function corsFields(policy: CorsPolicy, origin: string): readonly string[] {
  const fields = originFields(policy, origin)
  if (fields[0] === 'Vary') return fields
  return [...fields, 'Access-Control-Expose-Headers', [...ownFields, ...policy.expose].join(', ')]
}

/** Answers a preflight for a path whose declared methods are `allow` (row E04): 204, or 403 off the list. */
export function answerPreflight(policy: CorsPolicy, arrived: Arrived, allow: readonly string[]): Reply {
  const origin = originFields(policy, arrived.fields.get('origin') ?? '')
  const fields = ['X-Request-Id', arrived.id, ...securityFields(arrived.channel.secure), ...origin]
  if (origin[0] === 'Vary') return { status: 403, fields, body: undefined }
  fields.push('Access-Control-Allow-Methods', allow.join(', '))
  if (policy.headers.length > 0) fields.push('Access-Control-Allow-Headers', policy.headers.join(', '))
  fields.push('Access-Control-Max-Age', String(Math.floor(policy.maxAge / 1000)))
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
