import { createLocalJWKSet, type JWK, type JWTPayload, jwtVerify } from 'jose'
import type { IssuedToken } from './options.ts'

/** An access token of this server that counts now. */
export interface OwnToken {
  readonly jti: string
  readonly sub: string
  readonly client: string
  readonly audience: string
  readonly scopes: readonly string[]
  /** Seconds since the epoch. */
  readonly issued: number
  readonly expires: number
  readonly claims: JWTPayload
}

/** Verifies access tokens that this server issued (RFC 9068). */
export interface OwnTokens {
  /** Undefined for whatever is not a token of this server that counts now; never says why. */
  verify(text: string): Promise<OwnToken | undefined>
  /** New keys. */
  use(keys: readonly JWK[]): void
}

export interface OwnTokenOptions {
  readonly issuer: string
  readonly now: () => number
  readonly isRevoked: (token: IssuedToken) => boolean
}

export function createOwnTokens(options: OwnTokenOptions): OwnTokens {
  let keys = createLocalJWKSet({ keys: [] })
  return {
    use(next) {
      keys = createLocalJWKSet({ keys: [...next] })
    },
    async verify(text) {
      let payload: JWTPayload
      try {
        payload = (
          await jwtVerify(text, keys, {
            issuer: options.issuer,
            typ: 'at+jwt',
            algorithms: ['ES256'],
            requiredClaims: ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'],
            currentDate: new Date(options.now()),
          })
        ).payload
      } catch {
        return undefined
      }
      const { jti, sub, aud, iat, exp, client_id: client, scope } = payload
      if (typeof jti !== 'string' || typeof sub !== 'string' || typeof aud !== 'string') return undefined
      if (typeof client !== 'string' || iat === undefined || exp === undefined) return undefined
      if (options.isRevoked({ jti, sub, client, issuedAt: iat * 1000 })) return undefined
      return {
        jti,
        sub,
        client,
        audience: aud,
        scopes: typeof scope === 'string' && scope !== '' ? scope.split(' ') : [],
        issued: iat,
        expires: exp,
        claims: payload,
      }
    },
  }
}
