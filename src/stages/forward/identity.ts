import { type KeyObject, randomUUID, sign } from 'node:crypto'
import { type Clock, systemClock } from '../../kernel/clock.ts'
import type { Principal } from '../../kernel/principal.ts'
import {
  type AssertionKey,
  createIdentityKey,
  type IdentityKey,
  privateKeyOf,
  publishedKey,
} from './identity-key.ts'

/** Tells the upstream who is calling, in a form it can verify. */
export interface Assertion {
  /** Value of `Sallyport-Identity` for one API; empty for an anonymous caller. */
  header(principal: Principal, api: string): string
  /** What `/.well-known/sallyport/jwks.json` says; another object once the keys are others. */
  readonly jwks: { readonly keys: readonly AssertionKey[] }
}

/** Signs what the gateway itself says, with the same key. */
export interface StatementSigner {
  /** A compact JWS (RFC 7515); `type` is its `typ`. */
  sign(statement: object, type: string): string
}

/** Both, with keys that may be replaced while calls go on. */
export interface IdentitySigner extends Assertion, StatementSigner {
  /** All are published; of those that may sign now, the newest does. Throws for none. */
  use(keys: readonly IdentityKey[]): void
}

export interface AssertionOptions {
  /** Life of an assertion in seconds; at most and by default 60. */
  readonly ttlSeconds?: number
  /** Keys that several workers or gateways share, newest first; one is made where none are given. */
  readonly keys?: readonly IdentityKey[]
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
export function createAssertion(options: AssertionOptions = {}): IdentitySigner {
  const ttlSeconds = options.ttlSeconds ?? 60
  if (!(ttlSeconds >= 1 && ttlSeconds <= 60)) throw new RangeError('identity: ttlSeconds is 1 to 60')
  const clock = options.clock ?? systemClock
  const maxCached = options.maxCached ?? 10_000
  let keys = signingKeys(options.keys ?? [{ pem: createIdentityKey(), from: 0, created: clock.now() }])
  let jwks = publish(keys)
  const cache = new Map<string, Map<string, Cached>>()
  let cached = 0

  function compact(claims: object, type: string, now: number): string {
    const { key, kid } = keys.find(({ from }) => from <= now) ?? keys[keys.length - 1] ?? none()
    const input = `${encode({ alg: 'ES256', typ: type, kid })}.${encode(claims)}`
    const signature = sign('sha256', Buffer.from(input, 'latin1'), { key, dsaEncoding: 'ieee-p1363' })
    return `${input}.${signature.toString('base64url')}`
  }

  function signed(principal: Principal, api: string, now: number): Cached {
    const iat = Math.floor(now / 1000)
    const exp = Math.min(iat + ttlSeconds, principal.expires ?? Number.POSITIVE_INFINITY)
    const claims = {
      iss: principal.issuer,
      sub: principal.sub,
      ...(principal.client === undefined ? {} : { client_id: principal.client }),
      scope: principal.scopes.join(' '),
      roles: principal.roles,
      aud: api,
      jti: randomUUID(),
      iat,
      exp,
    }
    return {
      value: compact(claims, 'JWT', now),
      until: Math.min(now + REUSE_MS, (exp - 1) * 1000),
    }
  }

  return {
    sign: (statement, type) => compact(statement, type, clock.now()),
    get jwks() {
      return jwks
    },
    use(next) {
      keys = signingKeys(next)
      jwks = publish(keys)
    },
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

interface SigningKey {
  readonly key: KeyObject
  readonly kid: string
  readonly from: number
  readonly published: AssertionKey
}

function signingKeys(keys: readonly IdentityKey[]): readonly SigningKey[] {
  if (keys.length === 0) none()
  return keys.map(({ pem, from }) => {
    const key = privateKeyOf(pem)
    const published = publishedKey(key)
    return { key, kid: published.kid, from, published }
  })
}

function publish(keys: readonly SigningKey[]): { readonly keys: readonly AssertionKey[] } {
  return Object.freeze({ keys: Object.freeze(keys.map(({ published }) => published)) })
}

function none(): never {
  throw new TypeError('identity: there is no key to sign with')
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
