import { createHmac, timingSafeEqual, verify } from 'node:crypto'
import { algorithmRow } from './signature-algorithm.ts'
import type { VerificationKey } from './verification-key.ts'

/**
 * Whether a JWS signature is the key's own (RFC 7515 §5.2), by `node:crypto` on the calling thread: a quarter
 * of the CPU that a round through WebCrypto costs (see docs/decisions/0004-token-verification.md).
 * ECDSA is the fixed-width r‖s form only; r and s outside 1…n-1 fail. Never throws for a hostile signature.
 */
export function isSignatureValid(bound: VerificationKey, data: Uint8Array, signature: Uint8Array): boolean {
  const row = algorithmRow(bound.algorithm)
  if (row.bytes !== undefined && signature.length !== row.bytes) return false
  switch (row.family) {
    case 'oct': {
      const expected = createHmac(row.digest ?? 'sha256', bound.key)
        .update(data)
        .digest()
      return timingSafeEqual(expected, signature)
    }
    case 'EC':
      return verify(row.digest, data, { key: bound.key, dsaEncoding: 'ieee-p1363' }, signature)
    case 'OKP':
      return verify(row.digest, data, bound.key, signature)
    case 'RSA':
      return verify(
        row.digest,
        data,
        row.saltLength === undefined
          ? { key: bound.key, padding: row.padding }
          : { key: bound.key, padding: row.padding, saltLength: row.saltLength },
        signature,
      )
  }
}
