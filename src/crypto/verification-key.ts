import type { KeyObject } from 'node:crypto'
import { assertStrongKey, isBelowRecommended, WeakKey } from './assert-strong-key.ts'
import { digestOf } from './digest.ts'
import {
  canonicalAlgorithm,
  isFitting,
  isSignatureAlgorithm,
  type SignatureAlgorithm,
} from './signature-algorithm.ts'

/** Why a key cannot be used: fixed words, nothing of the key. */
export type KeyProblem =
  | 'malformed'
  | 'key type not supported'
  | 'use is not sig'
  | 'key_ops lacks verify'
  | 'private key published'
  | 'secret among public keys'
  | 'kid used twice'
  | 'algorithm not allowed'
  | 'no allowed algorithm fits'
  | 'several allowed algorithms fit; state one'
  | 'weak key'

/** A key bound to exactly one algorithm (RFC 8725 §3.1): the token's header never chooses. */
export interface VerificationKey {
  readonly kid: string | undefined
  /** Canonical name: `EdDSA` for both spellings. */
  readonly algorithm: SignatureAlgorithm
  readonly key: KeyObject
  /** Digest over key, algorithm and kid: tells whether a key set still holds this key. */
  readonly print: string
  /** Usable, but shorter than recommended. */
  readonly aging: boolean
}

/**
 * Binds a key to its one algorithm: the stated one when it is allowed and fits, else the only allowed one
 * that fits. Anything else is a problem.
 */
export function bindKey(
  key: KeyObject,
  kid: string | undefined,
  stated: unknown,
  allowed: readonly SignatureAlgorithm[],
): VerificationKey | KeyProblem {
  const canonical = new Set(allowed.map(canonicalAlgorithm))
  let algorithm: SignatureAlgorithm
  if (stated === undefined) {
    const fitting = [...canonical].filter((name) => isFitting(name, key))
    if (fitting.length > 1) return 'several allowed algorithms fit; state one'
    if (fitting[0] === undefined) return 'no allowed algorithm fits'
    algorithm = fitting[0]
  } else {
    if (!isSignatureAlgorithm(stated)) return 'algorithm not allowed'
    algorithm = canonicalAlgorithm(stated)
    if (!canonical.has(algorithm)) return 'algorithm not allowed'
    if (!isFitting(algorithm, key)) return 'no allowed algorithm fits'
  }
  try {
    assertStrongKey(key, algorithm)
  } catch (error) {
    if (error instanceof WeakKey) return 'weak key'
    throw error
  }
  const bytes =
    key.type === 'secret'
      ? key.export().toString('hex')
      : key.export({ type: 'spki', format: 'der' }).toString('hex')
  return {
    kid,
    algorithm,
    key,
    print: digestOf(`${algorithm}\n${kid ?? ''}\n${bytes}`),
    aging: isBelowRecommended(key),
  }
}
