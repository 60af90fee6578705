import { canonicalAlgorithm } from '../../../crypto/signature-algorithm.ts'
import { isSignatureValid } from '../../../crypto/verify-signature.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { Principal } from '../../../kernel/principal.ts'
import type { Denial } from '../../../kernel/verdict.ts'
import type { Outbound } from '../../../outbound/create-outbound.ts'
import { keysUnavailable, tokenExpired, tokenInvalid } from '../denials.ts'
import { createKeySource } from '../keys/create-key-source.ts'
import type { IssuerOptions } from '../options.ts'
import { type ClaimsRule, checkClaims, isMeantFor } from './claims-check.ts'
import type { CompactJws } from './compact-jws.ts'
import { compilePrincipal } from './principal-of.ts'
import { createTokenCache } from './token-cache.ts'
import { bareType, defaultTypes, isAccessToken } from './token-type.ts'
import type { JwtVerifier } from './token-verifier.ts'

// A refusal that time or new keys may lift is not remembered.
const passing: ReadonlySet<string> = new Set(['nbf', 'iat'])

/** JWT access tokens (RFC 9068) of one issuer, verified here with the issuer's own keys. Throws `Unusable`. */
export function createJwtVerifier(
  issuer: IssuerOptions,
  context: {
    readonly outbound: Outbound
    readonly clock: Clock
    readonly cache: { readonly entries: number; readonly bytes: number }
  },
): JwtVerifier {
  const { clock } = context
  const cache = createTokenCache(clock, context.cache)
  const keys = createKeySource(issuer, { outbound: context.outbound, clock, onChange: () => cache.clear() })
  const allowed: ReadonlySet<string> = new Set(
    issuer.algorithms.flatMap((name) =>
      canonicalAlgorithm(name) === 'EdDSA' ? ['EdDSA', 'Ed25519'] : [name],
    ),
  )
  const types = new Set((issuer.types ?? defaultTypes).map(bareType))
  const makePrincipal = compilePrincipal(issuer)
  const rule: ClaimsRule = {
    issuer: issuer.issuer,
    audience: new Set(issuer.audience),
    toleranceSeconds: issuer.clockToleranceSeconds ?? 30,
  }

  function refuse(digest: string, denial: Denial): Denial {
    cache.refuse(digest, denial)
    return denial
  }

  /** Undefined: no key is known for this token. */
  function judge(jws: CompactJws, digest: string): Principal | Denial | undefined {
    const key = keys.current()?.find(jws.kid, jws.algorithm)
    if (key === undefined) return undefined
    if (!isSignatureValid(key, jws.signed, jws.signature)) return refuse(digest, tokenInvalid('signature'))
    if (!isAccessToken(jws.type, jws.claims, types))
      return refuse(digest, tokenInvalid('not an access token'))
    const flaw = checkClaims(jws.claims, rule, clock.now())
    if (flaw === 'expired') return refuse(digest, tokenExpired())
    if (flaw !== undefined) {
      const denial = tokenInvalid(`claim ${flaw}`)
      return passing.has(flaw) ? denial : refuse(digest, denial)
    }
    const principal = makePrincipal(jws.claims, digest)
    if (typeof principal === 'string') return refuse(digest, tokenInvalid(`claim ${principal}`))
    cache.keep(digest, principal, jws.signed.length + jws.signature.length)
    return principal
  }

  const unknown = (): Denial =>
    keys.current() === undefined ? keysUnavailable() : tokenInvalid('no key of the issuer for kid and alg')

  async function judgeLater(
    renewed: Promise<void>,
    jws: CompactJws,
    digest: string,
  ): Promise<Principal | Denial> {
    await renewed
    return judge(jws, digest) ?? unknown()
  }

  return {
    name: issuer.name,
    issuer: issuer.issuer,
    opaque: false,
    cache,
    isMeantFor: (aud) => isMeantFor(aud, rule.audience),
    verify(jws, digest) {
      if (!allowed.has(jws.algorithm)) return tokenInvalid('alg is not one of the issuer')
      const known = judge(jws, digest)
      if (known !== undefined) return known
      const renewed = keys.renew()
      return renewed === undefined ? unknown() : judgeLater(renewed, jws, digest)
    },
    ready: async () => {
      if (keys.current() === undefined) await keys.renew()
    },
    health: keys.health,
    close: keys.close,
  }
}
