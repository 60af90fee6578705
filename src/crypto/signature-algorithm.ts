import { constants, type KeyObject } from 'node:crypto'

/** JWS algorithms that can be verified (RFC 7518 §3.1, RFC 8037, RFC 9864). `none` is not one of them. */
export type SignatureAlgorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519'
  | 'HS256'
  | 'HS384'
  | 'HS512'

export type KeyFamily = 'RSA' | 'EC' | 'OKP' | 'oct'

/** What an algorithm asks of its key and of a signature. */
export interface AlgorithmRow {
  readonly family: KeyFamily
  /** Digest name; `null` where the algorithm hashes by itself. */
  readonly digest: string | null
  /** OpenSSL's name of the one curve (RFC 7518 §3.4). */
  readonly curve?: string
  /** Exact signature length in bytes, where the algorithm fixes it. */
  readonly bytes?: number
  readonly padding?: number
  readonly saltLength?: number
  /** A key as long as the hash output, at least (RFC 7518 §3.2). */
  readonly secretBytes?: number
}

const { RSA_PKCS1_PADDING: pkcs1, RSA_PKCS1_PSS_PADDING: pss } = constants
const ed25519: AlgorithmRow = { family: 'OKP', digest: null, curve: 'ed25519', bytes: 64 }

const rows: readonly (readonly [SignatureAlgorithm, AlgorithmRow])[] = [
  ['RS256', { family: 'RSA', digest: 'sha256', padding: pkcs1 }],
  ['RS384', { family: 'RSA', digest: 'sha384', padding: pkcs1 }],
  ['RS512', { family: 'RSA', digest: 'sha512', padding: pkcs1 }],
  ['PS256', { family: 'RSA', digest: 'sha256', padding: pss, saltLength: 32 }],
  ['PS384', { family: 'RSA', digest: 'sha384', padding: pss, saltLength: 48 }],
  ['PS512', { family: 'RSA', digest: 'sha512', padding: pss, saltLength: 64 }],
  ['ES256', { family: 'EC', digest: 'sha256', curve: 'prime256v1', bytes: 64 }],
  ['ES384', { family: 'EC', digest: 'sha384', curve: 'secp384r1', bytes: 96 }],
  ['ES512', { family: 'EC', digest: 'sha512', curve: 'secp521r1', bytes: 132 }],
  ['EdDSA', ed25519],
  ['Ed25519', ed25519],
  ['HS256', { family: 'oct', digest: 'sha256', bytes: 32, secretBytes: 32 }],
  ['HS384', { family: 'oct', digest: 'sha384', bytes: 48, secretBytes: 48 }],
  ['HS512', { family: 'oct', digest: 'sha512', bytes: 64, secretBytes: 64 }],
]

const table: ReadonlyMap<string, AlgorithmRow> = new Map(rows)

/** The row of an algorithm, by its exact, case-sensitive name. */
export function algorithmRow(name: SignatureAlgorithm): AlgorithmRow {
  const row = table.get(name)
  if (row === undefined) throw new Error('no such algorithm')
  return row
}

export function isSignatureAlgorithm(name: unknown): name is SignatureAlgorithm {
  return typeof name === 'string' && table.has(name)
}

/** `EdDSA` (RFC 8037) and `Ed25519` (RFC 9864) are two names of one algorithm on one curve. */
export function canonicalAlgorithm(name: SignatureAlgorithm): SignatureAlgorithm {
  return name === 'Ed25519' ? 'EdDSA' : name
}

/** Whether a key is of the type and curve that the algorithm is defined for. */
export function isFitting(name: SignatureAlgorithm, key: KeyObject): boolean {
  const row = algorithmRow(name)
  switch (row.family) {
    case 'oct':
      return key.type === 'secret'
    case 'RSA':
      return key.type === 'public' && key.asymmetricKeyType === 'rsa'
    case 'EC':
      return (
        key.type === 'public' &&
        key.asymmetricKeyType === 'ec' &&
        key.asymmetricKeyDetails?.namedCurve === row.curve
      )
    case 'OKP':
      return key.type === 'public' && key.asymmetricKeyType === row.curve
  }
}
