import { systemClock } from '../../kernel/clock.ts'
import type { Matched } from '../../kernel/facts.ts'
import type { Finding } from '../../kernel/finding.ts'
import type { Operation, SecurityAlternative } from '../../kernel/operation.ts'
import { anonymous, type Principal } from '../../kernel/principal.ts'
import { type Denial, isDenied } from '../../kernel/verdict.ts'
import { assertIssuers } from './assert-issuers.ts'
import { createBearer } from './bearer.ts'
import type { Credential } from './credential.ts'
import { credentialRequired } from './denials.ts'
import { createJwtVerifier } from './jwt.ts'
import type { KeyHealth } from './key-source.ts'
import type { IdentifyOptions } from './options.ts'
import { compilePlans, type Plan } from './plan.ts'
import type { TokenVerifier } from './token-verifier.ts'

/** How one issuer's keys are doing. */
export interface IssuerHealth extends KeyHealth {
  readonly issuer: string
}

/** The stage that answers who is calling, and who vouches for it. */
export interface Identify {
  /** Immediate, but for a token whose key has to be fetched first. */
  run(matched: Matched): Principal | Denial | Promise<Principal | Denial>
  /**
   * The alternatives of an operation that this principal's credential satisfies, scopes apart. Only the scopes of
   * these count: an alternative of another issuer's scheme is not for this caller.
   */
  satisfied(operation: Operation, principal: Principal): readonly SecurityAlternative[]
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
  const context = {
    outbound: options.outbound,
    clock: options.clock ?? systemClock,
    cache: { entries: options.cache?.entries ?? 10_000, bytes: options.cache?.bytes ?? 33_554_432 },
  }
  const verifiers = new Map<string, TokenVerifier>()
  try {
    for (const issuer of options.issuers) verifiers.set(issuer.name, createJwtVerifier(issuer, context))
  } catch (error) {
    for (const verifier of verifiers.values()) verifier.close()
    throw error
  }
  const findings: Finding[] = [...verifiers.values()].flatMap(agingKeys)
  const gates: (Gate | undefined)[] = []
  const credentials = new Map<string, Credential>()

  function bearerFor(names: readonly string[]): Credential {
    const key = JSON.stringify([...names].sort())
    const known = credentials.get(key)
    if (known !== undefined) return known
    const made = createBearer(names.flatMap((name) => verifiers.get(name) ?? []))
    credentials.set(key, made)
    return made
  }

  for (const api of options.apis) {
    const compiled = compilePlans(api, [...verifiers.keys()])
    findings.push(...compiled.findings)
    for (const [slot, plan] of compiled.plans) gates[slot] = { plan, credential: bearerFor(plan.issuers) }
  }

  return {
    run(matched) {
      const gate = gates[matched.operation.slot]
      if (gate === undefined || gate.plan.kind === 'closed')
        return credentialRequired('no credential that can be checked would do')
      if (gate.plan.kind === 'open') return anonymous
      const read = gate.credential.read(matched)
      if (read === undefined)
        return gate.plan.optional ? anonymous : credentialRequired('no credential was sent')
      if (read instanceof Promise) return read.then((later) => noted(matched, later))
      return noted(matched, read)
    },
    satisfied: (operation, principal) => gates[operation.slot]?.plan.satisfied.get(principal.issuer) ?? [],
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

interface Gate {
  readonly plan: Plan
  readonly credential: Credential
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

function noted(matched: Matched, outcome: Principal | Denial): Principal | Denial {
  if (!isDenied(outcome)) matched.trail.note('identify', 'identify.jwt', 'allow')
  return outcome
}
