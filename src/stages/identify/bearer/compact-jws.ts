import { hasCanonicalEnd } from '../../../crypto/base64url.ts'
import { parseJson } from '../../../media/json.ts'
import type { JsonLimits } from '../../../media/json-problem.ts'
import { bareType } from './token-type.ts'

/** A token in compact serialisation, taken apart; its payload is not read yet. Nothing in it is trusted. */
export interface SplitJws {
  readonly algorithm: string
  readonly kid: string | undefined
  /** Lower-case, without `application/`; undefined where the header has none. */
  readonly type: string | undefined
  readonly payload: string
  /** The bytes that are signed. */
  readonly signed: Uint8Array
  readonly signature: Uint8Array
}

/** A JWT in compact serialisation, taken apart. Nothing in it is trusted yet. */
export interface CompactJws extends SplitJws {
  readonly claims: Readonly<Record<string, unknown>>
}

const shape = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/
const limits: JsonLimits = { depth: 16, members: 2000 }

/**
 * Reads compact JWS (RFC 7515 §7.1) and nothing else: three parts of canonical base64url, so no JSON form, JWE,
 * padding, whitespace or spare bits; a header that is a JSON object without duplicate members. `crit` and `b64`
 * are refused, since no extension is understood. Returns the reason where it is anything else.
 */
export function splitCompact(token: string): SplitJws | string {
  if (!shape.test(token)) return 'not compact JWS'
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  if (
    !hasCanonicalEnd(token, 0, first) ||
    !hasCanonicalEnd(token, first + 1, second) ||
    !hasCanonicalEnd(token, second + 1, token.length)
  )
    return 'not canonical base64url'
  const header = parseJsonObject(token.slice(0, first))
  if (typeof header === 'string') return `header: ${header}`
  const { alg, kid, typ } = header
  if (typeof alg !== 'string') return 'header: no alg'
  if (kid !== undefined && typeof kid !== 'string') return 'header: kid is not a string'
  if (typ !== undefined && typeof typ !== 'string') return 'header: typ is not a string'
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) return 'header: an extension is critical'
  return {
    algorithm: alg,
    kid,
    type: typ === undefined ? undefined : bareType(typ),
    payload: token.slice(first + 1, second),
    signed: Buffer.from(token.slice(0, second), 'latin1'),
    signature: Buffer.from(token.slice(second + 1), 'base64url'),
  }
}

/** The same, with the payload read as claims under the same rules (RFC 7519 §7.2). */
export function parseCompactJws(token: string): CompactJws | string {
  const jws = splitCompact(token)
  if (typeof jws === 'string') return jws
  const claims = parseJsonObject(jws.payload)
  return typeof claims === 'string' ? `claims: ${claims}` : { ...jws, claims }
}

/** One part as a JSON object without prototype, or why it is none. */
export function parseJsonObject(part: string): Record<string, unknown> | string {
  const json = parseJson(Buffer.from(part, 'base64url'), limits)
  if (typeof json === 'string') return json
  const { value } = json
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not an object'
  // What is not there must not be found on a prototype.
  return Object.setPrototypeOf(value, null) as Record<string, unknown>
}
