import { isSignatureValid } from '../../../crypto/verify-signature.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { Matched } from '../../../kernel/facts.ts'
import type { ReplayAnswer, ReplayStore } from '../../../kernel/replay.ts'
import type { Trail } from '../../../kernel/trail.ts'
import type { Denial } from '../../../kernel/verdict.ts'
import { nonceRequired, proofInvalid, replaysUnavailable } from '../denials.ts'
import type { DpopNonces } from './dpop-nonces.ts'
import { proofAge, readProofClaims, splitProof } from './dpop-proof.ts'
import { type ApiAddress, externalUri } from './external-uri.ts'
import { createProofKeys } from './proof-key.ts'

export interface DpopOptions {
  readonly clock: Clock
  readonly replays: ReplayStore
  readonly nonces: DpopNonces
}

/** What the token of a call asks of its proof. */
export interface ProofDemand {
  /** Thumbprint the token is bound to (`cnf.jkt`). */
  readonly jkt: string
  /** SHA-256 of the token, hex. */
  readonly digest: string
  readonly nonce: 'off' | 'required'
  readonly address: ApiAddress
}

/** Judges DPoP proofs (RFC 9449). */
export interface Dpop {
  /** Undefined where the call's proof is good; later only where the replay store answers later. */
  judge(matched: Matched, demand: ProofDemand): Denial | undefined | Promise<Denial | undefined>
  /** A new nonce for the reply of a call whose nonce will soon be stale. */
  nonceFor(trail: Trail): string | undefined
}

export function createDpop({ clock, replays, nonces }: DpopOptions): Dpop {
  const keys = createProofKeys()
  const renewed = new WeakMap<Trail, string>()

  return {
    nonceFor: (trail) => renewed.get(trail),
    judge(matched, demand) {
      const text = proofOf(matched)
      if (text === undefined) return proofInvalid('no proof')
      const proof = text === false ? undefined : splitProof(text)
      if (proof === undefined) return proofInvalid('not one compact JWS')
      const key = keys.find(proof.header)
      if (typeof key === 'string') return proofInvalid(key)
      if (key.thumbprint !== demand.jkt)
        return proofInvalid('signed with another key than the token is bound to')
      const claims = readProofClaims(proof.payload, {
        method: matched.method,
        uri: externalUri(demand.address, matched),
        tokenHash: Buffer.from(demand.digest, 'hex').toString('base64url'),
        now: clock.now() / 1000,
      })
      if (typeof claims === 'string') return proofInvalid(claims)
      const signature = Buffer.from(proof.signature, 'base64url')
      if (!isSignatureValid(key.key, Buffer.from(proof.signed, 'latin1'), signature))
        return proofInvalid('signature')
      keys.keep(proof.header, key)
      if (demand.nonce === 'required') {
        const age = claims.nonce === undefined ? 'stale' : nonces.judge(claims.nonce)
        if (age === 'stale') return nonceRequired(nonces.current())
        if (age === 'aging') renewed.set(matched.trail, nonces.current())
      }
      // Known until its iat is too old to pass; a second more, so that rounding opens no gap.
      const ttl = (claims.iat + proofAge + 1) * 1000 - clock.now()
      const answer = replays.admit(`${demand.jkt} ${claims.jti}`, ttl, clock.monotonic())
      return answer instanceof Promise ? answer.then(refusalOf) : refusalOf(answer)
    },
  }
}

function refusalOf(answer: ReplayAnswer): Denial | undefined {
  if (answer === 'fresh') return undefined
  return answer === 'seen' ? proofInvalid('jti was used before') : replaysUnavailable()
}

/** The one DPoP field; false where there are several. */
function proofOf(matched: Matched): string | false | undefined {
  const flat = matched.fields.flat
  let proof: string | undefined
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i] !== 'dpop') continue
    if (proof !== undefined) return false
    proof = flat[i + 1]
  }
  return proof
}
