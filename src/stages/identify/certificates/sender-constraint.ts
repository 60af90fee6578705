import type { Matched } from '../../../kernel/facts.ts'
import type { Principal } from '../../../kernel/principal.ts'
import type { Denial } from '../../../kernel/verdict.ts'
import type { PresentedToken } from '../bearer/presented-token.ts'
import { certificateMisdirected, tokenInvalid } from '../denials.ts'
import type { Dpop } from '../dpop/dpop.ts'
import type { ApiAddress } from '../dpop/external-uri.ts'
import { certificateThumbprint } from './certificate-thumbprint.ts'
import { isMisdirected } from './certificates.ts'

/** How an issuer's tokens may be sent. */
export interface SenderPolicy {
  /** `required`: only bound tokens with a proof. */
  readonly dpop: 'allowed' | 'required'
  readonly nonce: 'off' | 'required'
}

export interface SenderOptions {
  /** By issuer name. */
  readonly policies: ReadonlyMap<string, SenderPolicy>
  /** Undefined: proofs cannot be judged here, so tokens bound to a key are refused. */
  readonly dpop: Dpop | undefined
  readonly address: ApiAddress
}

/** Lets a token pass only with what it is bound to. */
export interface SenderConstraint {
  /** Whether the scheme `DPoP` is one at all. */
  readonly dpop: boolean
  /** The principal again where the caller has shown key or certificate, else the refusal. `digest` is of the token. */
  judge(
    presented: PresentedToken,
    principal: Principal,
    matched: Matched,
    digest: string,
  ): Principal | Denial | Promise<Principal | Denial>
}

/**
 * Sender-constrained tokens: DPoP (RFC 9449 §7.1) and certificate-bound (RFC 8705 §3). A bound token is never taken
 * as a plain bearer token, and an unbound one never with the scheme `DPoP`, so that neither can be passed for the
 * other.
 */
export function createSenderConstraint({ policies, dpop, address }: SenderOptions): SenderConstraint {
  return {
    dpop: dpop !== undefined,
    judge(presented, principal, matched, digest) {
      const { cnf } = principal
      const policy = policies.get(principal.issuer)
      if (presented.scheme === 'bearer') {
        if (policy?.dpop === 'required') return tokenInvalid('the issuer’s tokens need a proof')
        if (cnf === undefined) return principal
        if (cnf.jkt !== undefined) return tokenInvalid('bound to a key, sent as a bearer token')
      }
      if (cnf?.x5t !== undefined) {
        const { certificate } = matched.channel
        if (certificate === undefined) return tokenInvalid('bound to a certificate, and none was shown')
        if (isMisdirected(matched)) return certificateMisdirected()
        if (certificateThumbprint(certificate) !== cnf.x5t)
          return tokenInvalid('bound to another certificate')
      }
      if (presented.scheme === 'bearer') return principal
      if (cnf?.jkt === undefined || dpop === undefined)
        return tokenInvalid('not bound to a key, sent as DPoP')
      const denial = dpop.judge(matched, {
        jkt: cnf.jkt,
        digest,
        nonce: policy?.nonce ?? 'off',
        address,
      })
      if (denial instanceof Promise) return denial.then((later) => later ?? principal)
      return denial ?? principal
    },
  }
}
