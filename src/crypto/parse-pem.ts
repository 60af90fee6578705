import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import type { SignatureAlgorithm } from './signature-algorithm.ts'
import { bindKey, type KeyProblem, type VerificationKey } from './verification-key.ts'

/** A public key or certificate in PEM. A private key is refused: it has no business where one only verifies. */
export function parsePublicPem(
  pem: string,
  allowed: readonly SignatureAlgorithm[],
): VerificationKey | KeyProblem {
  if (pem.includes('PRIVATE KEY-----')) return 'private key published'
  let key: KeyObject
  try {
    key = createPublicKey(pem)
  } catch {
    return 'malformed'
  }
  return bindKey(key, undefined, undefined, allowed)
}

/** A shared secret: the UTF-8 bytes of the text are the key. */
export function parseSecret(
  secret: string,
  allowed: readonly SignatureAlgorithm[],
): VerificationKey | KeyProblem {
  const bytes = Buffer.from(secret, 'utf8')
  if (bytes.length === 0) return 'weak key'
  return bindKey(createSecretKey(bytes), undefined, undefined, allowed)
}
