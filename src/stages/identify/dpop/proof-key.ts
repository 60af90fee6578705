import { jwkThumbprint } from '../../../crypto/jwk-thumbprint.ts'
import { parseJwk } from '../../../crypto/parse-jwk.ts'
import {
  canonicalAlgorithm,
  isSignatureAlgorithm,
  type SignatureAlgorithm,
} from '../../../crypto/signature-algorithm.ts'
import type { VerificationKey } from '../../../crypto/verification-key.ts'
import { parseJsonObject } from '../bearer/compact-jws.ts'
import { createGenerationCache } from '../generation-cache.ts'

/** Algorithms of proofs, as challenges and metadata name them. Never shared secrets, never RSASSA-PKCS1-v1_5. */
export const proofAlgorithms: readonly SignatureAlgorithm[] = ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'PS256']

/** The key that a proof's header names. */
export interface ProofKey {
  readonly key: VerificationKey
  /** RFC 7638, SHA-256. */
  readonly thumbprint: string
}

/** Keys of proofs by the text of the header: a client sends the same header with each proof. */
export interface ProofKeys {
  /** The key of a header part, or why there is none. */
  find(header: string): ProofKey | string
  /** Keeps a key that has proven itself: only then is it worth room. */
  keep(header: string, key: ProofKey): void
}

/** Bounded by 4,096 keys and 8 MiB. */
export function createProofKeys(): ProofKeys {
  const known = createGenerationCache<ProofKey>({ entries: 4096, bytes: 8_388_608 })
  return {
    find: (header) => known.get(header) ?? readProofHeader(header),
    keep(header, key) {
      if (known.get(header) === undefined) known.set(header, key, 2048 + header.length)
    },
  }
}

/** Reads a proof's header (RFC 9449 §4.2): `typ` `dpop+jwt`, an allowed `alg`, the public key. */
function readProofHeader(part: string): ProofKey | string {
  const header = parseJsonObject(part)
  if (typeof header === 'string') return `header: ${header}`
  const { typ, alg, jwk } = header
  if (typeof typ !== 'string' || typ.toLowerCase() !== 'dpop+jwt') return 'typ'
  if (!isSignatureAlgorithm(alg) || !proofAlgorithms.includes(alg)) return 'alg'
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) return 'an extension is critical'
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return 'jwk'
  const key = parseJwk(jwk, proofAlgorithms)
  if (typeof key === 'string') return `jwk: ${key}`
  if (key.algorithm !== canonicalAlgorithm(alg)) return 'alg does not fit jwk'
  const thumbprint = jwkThumbprint(jwk as Record<string, unknown>)
  return thumbprint === undefined ? 'jwk' : { key, thumbprint }
}
