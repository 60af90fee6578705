import type { Identity } from '../../admin/visitor.ts'
import { roleOf } from '../../admin/visitor.ts'
import type { IssuerConfig } from '../../config/types/identity-config.ts'
import type { AdminConfig } from '../../config/types/listen-config.ts'
import { digestOf } from '../../crypto/digest.ts'
import { systemClock } from '../../kernel/clock.ts'
import { isDenied } from '../../kernel/verdict.ts'
import { parseCompactJws } from '../../stages/identify/bearer/compact-jws.ts'
import { createJwtVerifier } from '../../stages/identify/bearer/jwt.ts'
import { issuerOptionsOf } from '../issuer-options.ts'
import type { Services } from '../services.ts'

export interface IssuerBearer {
  verify(token: string): Promise<Identity | undefined>
  close(): void
}

/**
 * Access tokens of the console's issuer as credentials of the admin API. They must be meant for it: a token for an API
 * opens nothing here. Undefined where the configuration names no audience, or the issuer's tokens are opaque.
 */
export function issuerBearer(
  { people, roles }: AdminConfig,
  issuer: IssuerConfig,
  { outbound, revocations }: Pick<Services, 'outbound' | 'revocations'>,
): IssuerBearer | undefined {
  if (people?.audience === undefined || issuer.tokens.kind !== 'jwt' || issuer.keys.kind === 'authority')
    return undefined
  const verifier = createJwtVerifier(
    { ...issuerOptionsOf(issuer), audience: [people.audience] },
    { outbound, clock: systemClock, cache: { entries: 256, bytes: 1_048_576 } },
  )
  async function verify(token: string): Promise<Identity | undefined> {
    const jws = parseCompactJws(token)
    if (typeof jws === 'string' || jws.claims['iss'] !== issuer.issuer) return undefined
    const principal = await verifier.verify(jws, digestOf(token))
    // A token that is bound to a key is nothing without the proof, which nobody asks for here.
    if (isDenied(principal) || principal.claims['cnf'] !== undefined) return undefined
    if (revocations.judge(principal) !== undefined) return undefined
    return {
      name: principal.sub,
      issuer: issuer.name,
      sub: principal.sub,
      role: roleOf(principal.roles, roles),
      via: 'issuer',
      ...(principal.expires !== undefined && { longestMs: principal.expires * 1000 - Date.now() }),
    }
  }

  return { verify, close: () => verifier.close() }
}
