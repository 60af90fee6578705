import type { Clock } from '../../../kernel/clock.ts'
import type { Principal } from '../../../kernel/principal.ts'
import type { Denial } from '../../../kernel/verdict.ts'
import type { Outbound } from '../../../outbound/create-outbound.ts'
import { OutboundError } from '../../../outbound/outbound-error.ts'
import { introspectionUnavailable, opaqueExpired, opaqueInvalid } from '../denials.ts'
import type { IntrospectionOptions, IssuerOptions } from '../options.ts'
import { type ClaimsRule, checkClaims, isMeantFor } from './claims-check.ts'
import { compilePrincipal } from './principal-of.ts'
import { createTokenCache } from './token-cache.ts'
import { isAccessToken } from './token-type.ts'
import type { OpaqueVerifier } from './token-verifier.ts'

/** RFC 7662 §4 leaves it to us how long an answer is believed. */
const believedMs = 30_000
const refusedMs = 5000
/** Questions to one issuer at once; more would only wait. */
const maxAtOnce = 256

/** What vendors mark a refresh token with, whose answer looks like that of an access token otherwise. */
const accessUses: ReadonlySet<unknown> = new Set([undefined, 'access', 'access_token'])
const untyped: ReadonlySet<string> = new Set(['none'])

/**
 * Opaque tokens of one issuer: it is asked about each (RFC 7662), once for all calls that wait for the same answer.
 * A good answer is believed for 30 seconds, never beyond `exp`; a bad one for 5. Whatever is no clear answer in time
 * (unreachable, slow, 429, not JSON) says nothing about the token: 503.
 */
export function createIntrospection(
  issuer: IssuerOptions,
  asked: IntrospectionOptions,
  context: {
    readonly outbound: Outbound
    readonly clock: Clock
    readonly cache: { readonly entries: number; readonly bytes: number }
  },
): OpaqueVerifier {
  const { outbound, clock } = context
  const cache = createTokenCache(clock, context.cache, { goodMs: believedMs, badMs: refusedMs })
  const makePrincipal = compilePrincipal(issuer, 'opaque')
  const client = { id: asked.clientId, secret: asked.clientSecret }
  const rule: ClaimsRule = {
    issuer: issuer.issuer,
    audience: new Set(issuer.audience),
    toleranceSeconds: issuer.clockToleranceSeconds ?? 30,
  }
  const waiting = new Map<string, Promise<Principal | Denial>>()
  let failing: string | undefined

  async function ask(token: string): Promise<unknown> {
    const form = { token, token_type_hint: 'access_token' }
    try {
      return await outbound.postForm(asked.url, form, client)
    } catch (error) {
      // A kept connection may have been closed at this very moment; the question may be asked twice.
      if (!(error instanceof OutboundError) || error.failure !== 'unreachable') throw error
      return outbound.postForm(asked.url, form, client)
    }
  }

  function judge(answer: Record<string, unknown>, digest: string): Principal | Denial {
    if (answer['active'] === false) return opaqueInvalid('not active')
    const claims = claimsOf(answer, issuer)
    const { token_type: type } = claims
    if (type !== undefined && (typeof type !== 'string' || !/^(bearer|dpop)$/i.test(type)))
      return opaqueInvalid('token_type')
    if (!accessUses.has(claims['token_use']) || !isAccessToken(undefined, claims, untyped))
      return opaqueInvalid('not an access token')
    const bounded = { ...claims, exp: claims['exp'] ?? clock.now() / 1000 + believedMs / 1000 }
    const flaw = checkClaims(bounded, rule, clock.now())
    if (flaw === 'expired') return opaqueExpired()
    if (flaw !== undefined) return opaqueInvalid(`claim ${flaw}`)
    const principal = makePrincipal(claims, digest)
    return typeof principal === 'string' ? opaqueInvalid(`claim ${principal}`) : principal
  }

  async function settle(token: string, digest: string): Promise<Principal | Denial> {
    let answer: unknown
    try {
      answer = await ask(token)
    } catch (error) {
      failing = error instanceof OutboundError ? error.message : 'the question could not be asked'
      return introspectionUnavailable(failing)
    }
    if (!isAnswer(answer)) {
      failing = 'the answer is not one of RFC 7662'
      return introspectionUnavailable(failing)
    }
    failing = undefined
    const outcome = judge(answer, digest)
    if ('verdict' in outcome) cache.refuse(digest, outcome)
    else cache.keep(digest, outcome, 1024)
    return outcome
  }

  return {
    name: issuer.name,
    issuer: issuer.issuer,
    opaque: true,
    cache,
    isMeantFor: (aud) => isMeantFor(aud, rule.audience),
    verify(token, digest) {
      const running = waiting.get(digest)
      if (running !== undefined) return running
      if (waiting.size >= maxAtOnce) return introspectionUnavailable('too many questions at once')
      const asking = settle(token, digest).finally(() => waiting.delete(digest))
      waiting.set(digest, asking)
      return asking
    },
    ready: async () => {},
    health: () => ({ keys: 1, ageMs: undefined, failing, problems: [], aging: 0 }),
    close: () => {},
  }
}

function isAnswer(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.hasOwn(value, 'active') &&
    typeof (value as Record<string, unknown>)['active'] === 'boolean'
  )
}

/**
 * The answer as claims: without prototype; `iss` is the issuer's where it is left out, since it answered itself; a
 * token without a subject is its client's own (RFC 7662 §2.2).
 */
function claimsOf(answer: Record<string, unknown>, issuer: IssuerOptions): Record<string, unknown> {
  const claims: Record<string, unknown> = Object.assign(Object.create(null), answer)
  claims['iss'] ??= issuer.issuer
  if (claims['sub'] === undefined && typeof claims['client_id'] === 'string')
    claims['sub'] = claims['client_id']
  return claims
}
