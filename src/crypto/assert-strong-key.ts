import type { KeyObject } from 'node:crypto'
import { algorithmRow, type SignatureAlgorithm } from './signature-algorithm.ts'

/** A key that is too weak to trust, or so large that verifying with it is a burden. */
export class WeakKey extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'WeakKey'
  }
}

/**
 * Throws `WeakKey` for RSA below 2048 or above 8192 bits, an even or tiny public exponent, and for secrets
 * shorter than the hash output (RFC 7518 §3.2, RFC 8725 §3.5).
 */
export function assertStrongKey(key: KeyObject, algorithm: SignatureAlgorithm): void {
  const { secretBytes } = algorithmRow(algorithm)
  if (key.type === 'secret') {
    const bytes = key.symmetricKeySize ?? 0
    const least = secretBytes ?? 32
    if (bytes < least)
      throw new WeakKey(`a secret of ${bytes} bytes is too short; ${algorithm} needs ${least}`)
    return
  }
  if (key.asymmetricKeyType !== 'rsa') return
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
  if (modulusLength < 2048)
    throw new WeakKey(`an RSA key of ${modulusLength} bits is too short; 2048 is the least`)
  if (modulusLength > 8192)
    throw new WeakKey(`an RSA key of ${modulusLength} bits is too long; 8192 is the most`)
  if (publicExponent < 3n || publicExponent % 2n === 0n)
    throw new WeakKey('an RSA exponent must be odd and 3 at least')
}

/** True for keys that still pass but should be replaced: RSA below 3072 bits (ASVS 11.2.3). */
export function isBelowRecommended(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) < 3072
}
