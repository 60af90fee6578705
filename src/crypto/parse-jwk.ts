import { createPublicKey, createSecretKey, type KeyObject, type webcrypto } from 'node:crypto'
import { isBase64url } from './base64url.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'
import { bindKey, type KeyProblem, type VerificationKey } from './verification-key.ts'

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth'] as const

/**
 * One JWK (RFC 7517) as a key for verifying. `use`, `key_ops`, `kty` and `crv` must fit where they are present;
 * a private key is refused, because whoever published it has lost it. `x5c`, `x5u` and `jku` are never read.
 */
export function parseJwk(
  value: unknown,
  allowed: readonly SignatureAlgorithm[],
): VerificationKey | KeyProblem {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'malformed'
  const jwk = new Map(Object.entries(value))
  const kid: unknown = jwk.get('kid')
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > 512)) return 'malformed'
  const use: unknown = jwk.get('use')
  if (use !== undefined && use !== 'sig') return 'use is not sig'
  const operations: unknown = jwk.get('key_ops')
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify')))
    return 'key_ops lacks verify'
  if (privateMembers.some((name) => jwk.has(name))) return 'private key published'
  let key: KeyObject | KeyProblem
  try {
    key = importKey(jwk)
  } catch {
    // A point off the curve, a modulus of zero: whatever OpenSSL will not take.
    return 'malformed'
  }
  return typeof key === 'string' ? key : bindKey(key, kid, jwk.get('alg'), allowed)
}

function importKey(jwk: ReadonlyMap<string, unknown>): KeyObject | KeyProblem {
  switch (jwk.get('kty')) {
    case 'RSA':
      return importPublic(jwk, 'RSA', undefined, ['n', 'e'])
    case 'EC':
      return importPublic(jwk, 'EC', jwk.get('crv'), ['x', 'y'])
    case 'OKP':
      return jwk.get('crv') === 'Ed25519'
        ? importPublic(jwk, 'OKP', 'Ed25519', ['x'])
        : 'key type not supported'
    case 'oct': {
      const secret = jwk.get('k')
      if (typeof secret !== 'string' || !isBase64url(secret)) return 'malformed'
      return createSecretKey(secret, 'base64url')
    }
    default:
      return 'key type not supported'
  }
}

/** Hands exactly the public members on; nothing else that the document says reaches OpenSSL. */
function importPublic(
  jwk: ReadonlyMap<string, unknown>,
  kty: string,
  crv: unknown,
  members: readonly ('n' | 'e' | 'x' | 'y')[],
): KeyObject | KeyProblem {
  const key: webcrypto.JsonWebKey = { kty }
  if (crv !== undefined) {
    if (typeof crv !== 'string') return 'malformed'
    key.crv = crv
  }
  for (const name of members) {
    const text = jwk.get(name)
    if (typeof text !== 'string' || text.length > 4096 || !isBase64url(text)) return 'malformed'
    key[name] = text
  }
  return createPublicKey({ key, format: 'jwk' })
}
