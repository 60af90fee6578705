import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { jwkThumbprint } from '../../src/crypto/jwk-thumbprint.ts'
import { base64url } from './token-fixture.ts'

/** A client that signs proofs as it is told to, valid or not. */
export interface Prover {
  readonly algorithm: ProverAlgorithm
  readonly jwk: Readonly<Record<string, unknown>>
  readonly privateJwk: Readonly<Record<string, unknown>>
  readonly thumbprint: string
  /** A good proof for `GET http://localhost/things`; `over` replaces members, `undefined` removes one. */
  proof(token: string, over?: ProofOver): string
  sign(input: string, algorithm?: string): Buffer
}

export type ProverAlgorithm = 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | 'PS256' | 'RS256'

export interface ProofOver {
  readonly header?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
  /** Signs with this algorithm whatever the header says. */
  readonly signedAs?: string
}

const curves = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' } as const

function pairOf(algorithm: ProverAlgorithm): { publicKey: KeyObject; privateKey: KeyObject } {
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519')
  if (algorithm === 'PS256' || algorithm === 'RS256')
    return generateKeyPairSync('rsa', { modulusLength: 2048 })
  return generateKeyPairSync('ec', { namedCurve: curves[algorithm] })
}

export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

export function createProver(algorithm: ProverAlgorithm = 'ES256'): Prover {
  const { publicKey, privateKey } = pairOf(algorithm)
  const jwk = publicKey.export({ format: 'jwk' }) as Record<string, unknown>
  const prover: Prover = {
    algorithm,
    jwk,
    privateJwk: privateKey.export({ format: 'jwk' }) as Record<string, unknown>,
    thumbprint: jwkThumbprint(jwk) ?? '',
    sign(input, as = algorithm) {
      const data = Buffer.from(input)
      if (as === 'EdDSA' || as === 'Ed25519') return sign(null, data, privateKey)
      const digest = `sha${as.slice(2)}`
      if (as.startsWith('ES')) return sign(digest, data, { key: privateKey, dsaEncoding: 'ieee-p1363' })
      // RSA_PKCS1_PSS_PADDING with a salt as long as the digest; RSA_PKCS1_PADDING.
      return as.startsWith('PS')
        ? sign(digest, data, { key: privateKey, padding: 6, saltLength: -1 })
        : sign(digest, data, { key: privateKey, padding: 1 })
    },
    proof(token, over = {}) {
      const header = { typ: 'dpop+jwt', alg: algorithm, jwk, ...over.header }
      const claims = {
        jti: randomUUID(),
        htm: 'GET',
        htu: 'http://localhost/things',
        iat: Math.floor(Date.now() / 1000),
        ath: tokenHash(token),
        ...over.claims,
      }
      const input = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`
      return `${input}.${base64url(prover.sign(input, over.signedAs))}`
    },
  }
  return prover
}
