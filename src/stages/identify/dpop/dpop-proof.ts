import { hasCanonicalEnd } from '../../../crypto/base64url.ts'
import { parseJsonObject } from '../bearer/compact-jws.ts'
import { isSameUri } from './external-uri.ts'

/** Longest proof that is looked at. */
const maxProofLength = 8192
const maxJtiLength = 512
const maxNonceLength = 256

const shape = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

/** How old a proof may be, and how far ahead its clock, in seconds. */
export const proofAge = 60
export const proofAhead = 30

/** A proof in its three parts; nothing in it is trusted. */
export interface SplitProof {
  readonly header: string
  readonly payload: string
  readonly signature: string
  /** What is signed: header, dot, payload. */
  readonly signed: string
}

/** Reads compact JWS in canonical base64url and nothing else; undefined where it is anything else. */
export function splitProof(proof: string): SplitProof | undefined {
  if (proof.length > maxProofLength || !shape.test(proof)) return undefined
  const first = proof.indexOf('.')
  const second = proof.indexOf('.', first + 1)
  if (
    !hasCanonicalEnd(proof, 0, first) ||
    !hasCanonicalEnd(proof, first + 1, second) ||
    !hasCanonicalEnd(proof, second + 1, proof.length)
  )
    return undefined
  return {
    header: proof.slice(0, first),
    payload: proof.slice(first + 1, second),
    signature: proof.slice(second + 1),
    signed: proof.slice(0, second),
  }
}

/** What a proof must be about. */
export interface ProofSubject {
  readonly method: string
  /** The URI that was called. */
  readonly uri: string
  /** SHA-256 of the token, base64url. */
  readonly tokenHash: string
  /** Seconds since the epoch. */
  readonly now: number
}

/** What is left to check once the claims fit. */
export interface ProofClaims {
  readonly jti: string
  readonly iat: number
  readonly nonce: string | undefined
}

/** Checks a proof's claims (RFC 9449 §4.3, steps 3 and 8 to 12); a text is the reason to refuse it. */
export function readProofClaims(payload: string, subject: ProofSubject): ProofClaims | string {
  const claims = parseJsonObject(payload)
  if (typeof claims === 'string') return `claims: ${claims}`
  const { jti, htm, htu, iat, ath, nonce } = claims
  if (typeof jti !== 'string' || jti.length === 0 || jti.length > maxJtiLength) return 'jti'
  if (htm !== subject.method) return 'htm'
  if (typeof htu !== 'string' || !isSameUri(htu, subject.uri)) return 'htu'
  if (typeof iat !== 'number' || !(iat >= subject.now - proofAge && iat <= subject.now + proofAhead))
    return 'iat'
  if (ath !== subject.tokenHash) return 'ath'
  if (nonce !== undefined && (typeof nonce !== 'string' || nonce.length > maxNonceLength)) return 'nonce'
  return { jti, iat, nonce }
}
