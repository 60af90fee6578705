import type { Principal } from '../../../kernel/principal.ts'
import type { Denial } from '../../../kernel/verdict.ts'
import { opaqueInvalid } from '../denials.ts'
import type { OpaqueVerifier } from './token-verifier.ts'

/** What an access token may be made of (RFC 6750 §2.1). */
const b64token = /^[A-Za-z0-9._~+/-]+=*$/

/**
 * Judges tokens that say nothing about themselves: the issuers are asked in the order in which they are written,
 * until one vouches. Where none does, and one of them gave no answer, nobody knows: that is its 503.
 */
export function judgeOpaque(
  verifiers: readonly OpaqueVerifier[],
  token: string,
  digest: string,
): Principal | Denial | Promise<Principal | Denial> {
  if (!b64token.test(token)) return opaqueInvalid('not a token')
  const [only, ...more] = verifiers
  if (only === undefined) return opaqueInvalid('no issuer of opaque tokens is meant here')
  return more.length === 0 ? only.verify(token, digest) : askInTurn(verifiers, token, digest)
}

async function askInTurn(
  verifiers: readonly OpaqueVerifier[],
  token: string,
  digest: string,
): Promise<Principal | Denial> {
  let refusal: Denial | undefined
  for (const verifier of verifiers) {
    const outcome = verifier.cache.find(digest) ?? (await verifier.verify(token, digest))
    if (!('verdict' in outcome)) return outcome
    if (refusal === undefined || outcome.code === 'IDENTIFY_KEYS_UNAVAILABLE') refusal = outcome
  }
  return refusal ?? opaqueInvalid('no issuer vouches for it')
}

/**
 * Whether a token is a JWT, signed or encrypted, by its look: parts with dots of which the first is a JSON object.
 * Such a token is some issuer's in particular and is never shown to another.
 */
export function looksLikeJwt(token: string): boolean {
  const dot = token.indexOf('.')
  if (dot < 1) return false
  return Buffer.from(token.slice(0, dot), 'base64url').toString('latin1').trimStart().startsWith('{')
}
