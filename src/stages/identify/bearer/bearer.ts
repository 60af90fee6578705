import { digestOf } from '../../../crypto/digest.ts'
import type { Matched } from '../../../kernel/facts.ts'
import type { Principal } from '../../../kernel/principal.ts'
import type { Denial } from '../../../kernel/verdict.ts'
import type { SenderConstraint } from '../certificates/sender-constraint.ts'
import type { Credential } from '../credential.ts'
import { tokenInvalid } from '../denials.ts'
import type { FailureBudget } from '../failure-budget.ts'
import { bearerToken } from './bearer-token.ts'
import { parseCompactJws } from './compact-jws.ts'
import { judgeOpaque, looksLikeJwt } from './opaque-tokens.ts'
import type { TokenVerifier } from './token-verifier.ts'

/**
 * Tokens in the Authorization field (RFC 6750, RFC 9449) of a set of issuers. A known token costs its hash and a
 * look-up. An unknown one is judged by the one issuer of the set whose name it bears in `iss`: keys never cross
 * issuers. Where one issuer is configured several times, for several audiences, `aud` tells which. A token that is no
 * JWT is shown to the issuers of the set that have opaque tokens, and to nobody else. Whatever comes out, a bound token
 * passes only with what it is bound to. `failures` bounds how many bad tokens are judged at all.
 */
export function createBearer(
  verifiers: readonly TokenVerifier[],
  sender: SenderConstraint,
  failures?: FailureBudget,
): Credential {
  const byIssuer = Map.groupBy(verifiers, (verifier) => verifier.issuer)
  const opaque = verifiers.filter((verifier) => verifier.opaque)

  function judge(token: string, digest: string): Principal | Denial | Promise<Principal | Denial> {
    const jws = parseCompactJws(token)
    if (typeof jws === 'string')
      return opaque.length === 0 || looksLikeJwt(token)
        ? tokenInvalid(jws)
        : judgeOpaque(opaque, token, digest)
    const { iss, aud } = jws.claims
    const named = typeof iss === 'string' ? byIssuer.get(iss) : undefined
    const verifier = named?.find((one) => one.isMeantFor(aud)) ?? named?.[0]
    if (verifier === undefined) return tokenInvalid('claim iss')
    return verifier.opaque ? verifier.verify(token, digest) : verifier.verify(jws, digest)
  }

  /** Judges an unknown token on the budget of where it comes from. */
  function judgeOnBudget(
    token: string,
    digest: string,
    { client }: Matched,
  ): Principal | Denial | Promise<Principal | Denial> {
    const spent = failures?.admit(client, digest)
    if (spent !== undefined) return spent
    const settle = (outcome: Principal | Denial): Principal | Denial => {
      const isGood = !('verdict' in outcome)
      if (isGood || isFailure(outcome)) failures?.settle(client, digest, isGood)
      return outcome
    }
    const outcome = judge(token, digest)
    return outcome instanceof Promise ? outcome.then(settle) : settle(outcome)
  }

  function find(digest: string): Principal | Denial | undefined {
    let refusals = 0
    for (const verifier of verifiers) {
      const known = verifier.cache.find(digest)
      if (known === undefined) continue
      // That one issuer does not know an opaque token says nothing about the others.
      if (!('verdict' in known) || !verifier.opaque || ++refusals === opaque.length) return known
    }
    return undefined
  }

  return {
    read(matched) {
      const presented = bearerToken(matched, sender.dpop)
      if (presented === undefined || 'verdict' in presented) return presented
      const digest = digestOf(presented.token)
      const outcome = find(digest) ?? judgeOnBudget(presented.token, digest, matched)
      const constrain = (found: Principal | Denial): Principal | Denial | Promise<Principal | Denial> =>
        'verdict' in found ? found : sender.judge(presented, found, matched, digest)
      return outcome instanceof Promise ? outcome.then(constrain) : constrain(outcome)
    },
  }
}

/** What the sender is to blame for: not keys that are out of reach, and not a token that was good once. */
function isFailure({ code }: Denial): boolean {
  return code === 'IDENTIFY_TOKEN_INVALID'
}
