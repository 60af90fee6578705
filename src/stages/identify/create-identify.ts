import { randomBytes } from 'node:crypto'
import { systemClock } from '../../kernel/clock.ts'
import type { Matched } from '../../kernel/facts.ts'
import type { Finding } from '../../kernel/finding.ts'
import type { Operation, SecurityAlternative } from '../../kernel/operation.ts'
import { anonymous, type CredentialKind, type Principal } from '../../kernel/principal.ts'
import type { Trail } from '../../kernel/trail.ts'
import { type Denial, isDenied } from '../../kernel/verdict.ts'
import { createApiKey } from './api-key/api-key.ts'
import { keyIssuer } from './api-key/known-key.ts'
import { assertIssuers } from './assert-issuers.ts'
import { createBearer } from './bearer/bearer.ts'
import { createIntrospection } from './bearer/introspection.ts'
import { createJwtVerifier } from './bearer/jwt.ts'
import type { TokenVerifier } from './bearer/token-verifier.ts'
import { certificateSource, createCertificates } from './certificates/certificates.ts'
import { createSenderConstraint, type SenderPolicy } from './certificates/sender-constraint.ts'
import { type Challenge, compileChallenge } from './challenge.ts'
import type { Credential } from './credential.ts'
import { credentialRequired } from './denials.ts'
import { createDpop, type Dpop } from './dpop/dpop.ts'
import { createDpopNonces } from './dpop/dpop-nonces.ts'
import type { KeyHealth } from './keys/key-source.ts'
import type { ApiOptions, IdentifyOptions, IssuerOptions } from './options.ts'
import { compilePlans, isSatisfied, type Plan, satisfiedBy } from './plan.ts'
import type { Revocations } from './revocation-list.ts'
import { createSeveralCredentials } from './several-credentials.ts'
import { compileStepUp, type JudgeStepUp } from './step-up.ts'

/** How one issuer's keys are doing. */
export interface IssuerHealth extends KeyHealth {
  readonly issuer: string
}

/** The stage that answers who is calling, and who vouches for it. */
export interface Identify {
  /** Immediate, but for a token whose key has to be fetched first. */
  run(matched: Matched): Principal | Denial | Promise<Principal | Denial>
  /**
   * What `run` would say of a caller who is proven already, by another call: whether the operation takes its credentials,
   * whether they still count, and whether they are strong enough. A proof of possession is not asked for again.
   */
  adopt(matched: Matched, principal: Principal): Principal | Denial
  /**
   * The alternatives of an operation that this principal's credentials satisfy, scopes apart. Only the scopes of
   * these count: an alternative of another issuer's scheme is not for this caller.
   */
  satisfied(operation: Operation, principal: Principal): readonly SecurityAlternative[]
  /** A later stage's refusal of a caller as the operation's schemes tell it: `AUTHORIZE_SCOPE`, `IDENTIFY_REQUIRED`. */
  challenge(matched: Matched, denial: Denial, parameters?: string): Denial
  /** Fields for the reply to a call that passed: a new nonce where the one of its proof will soon be stale. */
  replyFields(trail: Trail): readonly string[]
  /** Schemes that cannot be satisfied, and doors that are open. */
  readonly findings: readonly Finding[]
  /** Resolves when every issuer has tried to get its keys once; never rejects. */
  ready(): Promise<void>
  health(): readonly IssuerHealth[]
  /** Forgets every verified token: after a revocation. */
  clear(): void
  close(): void
}

/** Throws `Unusable` for issuers, keys or mappings that cannot work. */
export function createIdentify(options: IdentifyOptions): Identify {
  assertIssuers(options.issuers, options.apis)
  const clock = options.clock ?? systemClock
  const context = {
    outbound: options.outbound,
    clock,
    cache: { entries: options.cache?.entries ?? 10_000, bytes: options.cache?.bytes ?? 33_554_432 },
  }
  const verifiers = new Map<string, TokenVerifier>()
  try {
    for (const issuer of options.issuers)
      verifiers.set(
        issuer.name,
        issuer.introspection === undefined
          ? createJwtVerifier(issuer, context)
          : createIntrospection(issuer, issuer.introspection, context),
      )
  } catch (error) {
    for (const verifier of verifiers.values()) verifier.close()
    throw error
  }
  const findings: Finding[] = [...verifiers.values()].flatMap(agingKeys)
  const dpop = dpopOf(options)
  /** Credentials besides tokens, by source, in the order in which they say who is calling. */
  const others = new Map<string, { readonly credential: Credential; readonly ambient: boolean }>()
  if (options.apiKeys !== undefined)
    others.set(keyIssuer, { credential: createApiKey({ ...options.apiKeys, clock }), ambient: false })
  if (options.certificates !== undefined)
    others.set(certificateSource, {
      credential: createCertificates(options.certificates, clock),
      ambient: true,
    })
  const gates: (Gate | undefined)[] = []

  for (const api of options.apis) {
    const compiled = compilePlans(api, [...verifiers.keys()], [...others.keys()], options.apiKeys?.header)
    findings.push(...compiled.findings)
    const tokens = createTokens(api, options, verifiers, dpop)
    for (const [slot, plan] of compiled.plans) {
      const rules = (api.stepUp ?? []).filter((rule) => rule.operations.includes(slot))
      gates[slot] = {
        plan,
        credential: credentialOf(plan, tokens, others),
        challenge: challengeOf(api, plan, options.issuers, dpop !== undefined),
        stepUp: compileStepUp(rules, clock),
        revocations: options.revocations,
      }
    }
  }

  return {
    run(matched) {
      const gate = gates[matched.operation.slot]
      if (gate === undefined) return credentialRequired('no credential that can be checked would do')
      if (gate.plan.kind === 'closed')
        return gate.challenge(matched, credentialRequired('no credential that can be checked would do'))
      const read = gate.plan.kind === 'open' ? undefined : gate.credential.read(matched)
      if (read instanceof Promise) return read.then((later) => settle(gate, matched, later))
      return settle(gate, matched, read)
    },
    adopt(matched, principal) {
      const gate = gates[matched.operation.slot]
      if (gate === undefined) return credentialRequired('no credential that can be checked would do')
      if (gate.plan.kind === 'open') return settle(gate, matched, undefined)
      const proven = principal.issuer === '' ? [] : [principal, ...(principal.beside ?? [])]
      if (gate.plan.kind === 'closed' || !isSatisfied(gate.plan, proven))
        return gate.challenge(matched, credentialRequired('the operation asks for another credential'))
      return settle(gate, matched, principal)
    },
    satisfied(operation, principal) {
      const plan = gates[operation.slot]?.plan
      const proven = principal.issuer === '' ? [] : [principal, ...(principal.beside ?? [])]
      return plan === undefined ? [] : satisfiedBy(plan, proven)
    },
    challenge(matched, denial, parameters) {
      return gates[matched.operation.slot]?.challenge(matched, denial, parameters) ?? denial
    },
    replyFields(trail) {
      const nonce = dpop?.nonceFor(trail)
      return nonce === undefined ? noFields : ['DPoP-Nonce', nonce]
    },
    findings,
    ready: async () => {
      await Promise.all([...verifiers.values()].map((verifier) => verifier.ready()))
    },
    health: () =>
      [...verifiers.values()].map((verifier) => ({ issuer: verifier.name, ...verifier.health() })),
    clear() {
      for (const verifier of verifiers.values()) verifier.cache.clear()
    },
    close() {
      for (const verifier of verifiers.values()) verifier.close()
    },
  }
}

const noFields: readonly string[] = []

interface Gate {
  readonly plan: Plan
  readonly credential: Credential
  readonly challenge: Challenge
  readonly stepUp: JudgeStepUp | undefined
  readonly revocations: Revocations | undefined
}

/** What comes of one call's credentials. A refusal is final: nothing falls through to another scheme, or to nobody. */
function settle(gate: Gate, matched: Matched, read: Principal | Denial | undefined): Principal | Denial {
  if (read === undefined)
    // Nobody has authenticated recently, or strongly.
    return gate.plan.optional && gate.stepUp === undefined
      ? anonymous
      : gate.challenge(matched, credentialRequired('no credential was sent'))
  if (isDenied(read)) return gate.challenge(matched, read)
  const revoked = gate.revocations?.judge(read)
  if (revoked !== undefined) return gate.challenge(matched, revoked)
  const stepUp = gate.stepUp?.(read)
  if (stepUp !== undefined) return gate.challenge(matched, stepUp.denial, stepUp.parameters)
  matched.trail.note('identify', checks[read.kind], 'allow')
  return read
}

const checks: Readonly<Record<CredentialKind, string>> = {
  jwt: 'identify.jwt',
  dpop: 'identify.dpop',
  opaque: 'identify.introspection',
  'api-key': 'identify.api-key',
  certificate: 'identify.certificate',
  none: 'identify.credential',
}

function dpopOf({ replays, nonceSecret, clock = systemClock }: IdentifyOptions): Dpop | undefined {
  if (replays === undefined) return undefined
  return createDpop({ clock, replays, nonces: createDpopNonces(clock, nonceSecret ?? randomBytes(32)) })
}

/** Tokens of a set of issuers at one API; one credential a set. */
function createTokens(
  api: ApiOptions,
  { issuers, failures }: IdentifyOptions,
  verifiers: ReadonlyMap<string, TokenVerifier>,
  dpop: Dpop | undefined,
): (names: readonly string[]) => Credential {
  const policies = new Map(
    issuers.map((issuer): [string, SenderPolicy] => [
      issuer.name,
      { dpop: issuer.dpop ?? 'allowed', nonce: issuer.dpopNonce ?? 'off' },
    ]),
  )
  const sender = createSenderConstraint({
    policies,
    dpop,
    address: api.address ?? { url: undefined, basePath: '' },
  })
  const made = new Map<string, Credential>()
  return (names) => {
    // Their order counts for opaque tokens.
    const key = JSON.stringify(names)
    const known = made.get(key)
    if (known !== undefined) return known
    const credential = createBearer(
      names.flatMap((name) => verifiers.get(name) ?? []),
      sender,
      failures,
    )
    made.set(key, credential)
    return credential
  }
}

function credentialOf(
  plan: Plan,
  tokens: (names: readonly string[]) => Credential,
  others: ReadonlyMap<string, { readonly credential: Credential; readonly ambient: boolean }>,
): Credential {
  // Also where no issuer is meant: a token that was sent and does not count is refused.
  const token = tokens(plan.issuers)
  if (plan.plain) return token
  const rest = [...others].filter(([name]) => plan.others.includes(name)).map(([, other]) => other)
  const pick = (ambient: boolean): Credential[] =>
    rest.filter((other) => other.ambient === ambient).map((other) => other.credential)
  return createSeveralCredentials(plan, [token, ...pick(false)], pick(true))
}

function challengeOf(
  api: ApiOptions,
  plan: Plan,
  issuers: readonly IssuerOptions[],
  dpop: boolean,
): Challenge {
  const taken = issuers.filter((issuer) => plan.issuers.includes(issuer.name))
  return compileChallenge({
    realm: api.metadata === undefined ? undefined : api.name,
    bearer: plan.bearer && taken.some((issuer) => issuer.dpop !== 'required'),
    dpop: dpop && taken.length > 0,
    metadata: api.metadata,
  })
}

/** Keys that are known at start and still pass, but should be replaced (J10). */
function agingKeys(verifier: TokenVerifier): readonly Finding[] {
  if (verifier.health().aging === 0) return []
  return [
    {
      rule: 'identify.key-short',
      severity: 'warning',
      message: `issuer "${verifier.name}" signs with an RSA key below 3072 bits`,
      fix: 'rotate to ES256, or to RSA of 3072 bits',
    },
  ]
}
