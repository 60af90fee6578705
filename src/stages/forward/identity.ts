import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto'
import { type Clock, systemClock } from '../../kernel/clock.ts'
import type { Principal } from '../../kernel/principal.ts'

/** A public key as the upstream reads it (RFC 7517). */
export interface AssertionKey {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
  readonly kid: string
  readonly alg: 'ES256'
  readonly use: 'sig'
}

/** Tells the upstream who is calling, in a form it can verify. */
export interface Assertion {
  /** Value of `Sallyport-Identity` for one API; empty for an anonymous caller. */
  header(principal: Principal, api: string): string
  /** What `/.well-known/sallyport/jwks.json` says. */
  readonly jwks: { readonly keys: readonly AssertionKey[] }
}

/** Signs what the gateway itself says, with the same key. */
export interface StatementSigner {
  /** A compact JWS (RFC 7515); `type` is its `typ`. */
  sign(statement: object, type: string): string
}

export interface AssertionOptions {
  /** Life of an assertion in seconds; at most and by default 60. */
  readonly ttlSeconds?: number
  /** P-256 private key (PKCS #8 PEM) that several workers share; made at start where it is not given. */
  readonly privateKey?: string
  readonly clock?: Clock
  /** Assertions kept. Default 10,000. */
  readonly maxCached?: number
}

interface Cached {
  readonly value: string
  /** Milliseconds since the epoch up to which it is used again. */
  readonly until: number
}

/** How long one assertion is used again. */
const REUSE_MS = 20_000

/**
 * Signs `Sallyport-Identity`: an ES256 JWT with `iss` and `sub` of the principal, `client_id`, `scope`, `roles`,
 * `aud` (the API's name), `jti`, `iat`, `exp`. It never outlives the caller's credential. Signing costs more
 * than all else here, so one assertion serves a credential at one API for up to 20 seconds: `jti` names the
 * assertion, not the call (that is `X-Request-Id`).
 */
export function createAssertion(options: AssertionOptions = {}): Assertion & StatementSigner {
  const ttlSeconds = options.ttlSeconds ?? 60
  if (!(ttlSeconds >= 1 && ttlSeconds <= 60)) throw new RangeError('identity: ttlSeconds is 1 to 60')
  const clock = options.clock ?? systemClock
  const maxCached = options.maxCached ?? 10_000
  const key = privateKeyOf(options.privateKey)
  const published = publish(key)
  const protectedHeader = encode({ alg: 'ES256', typ: 'JWT', kid: published.kid })
  const cache = new Map<string, Map<string, Cached>>()
  let cached = 0

  function signed(principal: Principal, api: string, now: number): Cached {
    const iat = Math.floor(now / 1000)
    const exp = Math.min(iat + ttlSeconds, principal.expires ?? Number.POSITIVE_INFINITY)
    const payload = encode({
      iss: principal.issuer,
      sub: principal.sub,
      ...(principal.client === undefined ? {} : { client_id: principal.client }),
      scope: principal.scopes.join(' '),
      roles: principal.roles,
      aud: api,
      jti: randomUUID(),
      iat,
      exp,
    })
    const input = `${protectedHeader}.${payload}`
    const signature = sign('sha256', Buffer.from(input, 'latin1'), { key, dsaEncoding: 'ieee-p1363' })
    return {
      value: `${input}.${signature.toString('base64url')}`,
      until: Math.min(now + REUSE_MS, (exp - 1) * 1000),
    }
  }

  return {
    sign(statement, type) {
      const input = `${encode({ alg: 'ES256', typ: type, kid: published.kid })}.${encode(statement)}`
      const signature = sign('sha256', Buffer.from(input, 'latin1'), { key, dsaEncoding: 'ieee-p1363' })
      return `${input}.${signature.toString('base64url')}`
    },
    jwks: Object.freeze({ keys: Object.freeze([published]) }),
    header(principal, api) {
      if (principal.kind === 'none') return ''
      const now = clock.now()
      // Without a digest two credentials could not be told apart: nothing is kept.
      if (principal.credential === '') return signed(principal, api, now).value
      let ofApi = cache.get(api)
      if (ofApi === undefined) {
        ofApi = new Map()
        cache.set(api, ofApi)
      }
      const known = ofApi.get(principal.credential)
      if (known !== undefined && now < known.until) return known.value
      if (known === undefined && ++cached > maxCached) {
        cache.clear()
        ofApi = new Map()
        cache.set(api, ofApi)
        cached = 1
      }
      const fresh = signed(principal, api, now)
      ofApi.set(principal.credential, fresh)
      return fresh.value
    },
  }
}

function privateKeyOf(pem: string | undefined): KeyObject {
  if (pem === undefined) return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const key = createPrivateKey(pem)
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new TypeError('identity: the key must be a P-256 private key')
  return key
}

function publish(key: KeyObject): AssertionKey {
  const { x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' })
  // RFC 7638: the members in this very order.
  const kid = createHash('sha256')
    .update(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }))
    .digest('base64url')
  return Object.freeze({ kty: 'EC', crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' })
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
