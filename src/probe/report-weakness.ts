import type { ProbeOperation } from './plan/probe-operation.ts'
import { type Confidence, findingId, type ProbeFinding } from './probe-finding.ts'
import { ruleOf } from './probe-rules.ts'
import type { Exchange } from './session.ts'
import type { World } from './state/world.ts'
import { relationsOf } from './step-relations.ts'

export interface Weakness {
  readonly rule: string
  /** Undefined: of the API as a whole. */
  readonly operation: ProbeOperation | undefined
  /** What tells it from another of the same rule at the same operation: a parameter, a member. */
  readonly detail: string
  readonly message: string
  readonly confidence: Confidence
  readonly policy: string
  /** Steps and what came back, in their order. */
  readonly steps: readonly (readonly [step: string, exchange: Exchange])[]
  /** Less or more than the rule says. */
  readonly severity?: ProbeFinding['severity']
}

/** True where a finding like this is still to be looked for. */
export function isOpen(
  world: World,
  rule: string,
  operation: ProbeOperation | undefined,
  detail: string,
): boolean {
  const id = findingId(rule, operation?.title ?? '', detail)
  return !world.findings.some((one) => one.id === id)
}

/** Keeps a weakness, once. */
export function reportWeakness(world: World, weakness: Weakness): void {
  const { rule, operation, detail, message, confidence, policy, steps } = weakness
  const title = operation?.title ?? ''
  const id = findingId(rule, title, detail)
  if (world.findings.some((one) => one.id === id)) return
  const kind = ruleOf(rule)
  const severity =
    weakness.severity ?? (confidence === 'tentative' && kind.severity === 'error' ? 'warning' : kind.severity)
  const relations = relationsOf(
    steps.map(([, { request, reply }]) => ({
      body: request.body === undefined ? undefined : String(request.body),
      reply,
    })),
  )
  world.findings.push({
    id,
    rule,
    severity,
    message: world.session.mask(title === '' ? message : `${title}: ${message}`),
    fix: policy,
    operation: title,
    place: operation?.declared.place ?? world.contract.place(''),
    confidence,
    policy,
    evidence: steps.map(([step, exchange], i) => world.session.evidence(step, exchange, relations[i])),
  })
}
