import { headScene } from '../../expression/scene.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { Admitted, Authorized, Inspected } from '../../kernel/facts.ts'
import { type Finding, Unusable } from '../../kernel/finding.ts'
import type { Operation } from '../../kernel/operation.ts'
import type { Denial } from '../../kernel/verdict.ts'
import type { LimitOptions, LimitRule } from './options.ts'
import { compileRateRule, type RateRule } from './rate-rule.ts'
import { type LimitFields, noLimitFields, type RateGroup, takeBudgets } from './take-budgets.ts'

/** What limit adds to a call. */
export type Admission = Pick<Admitted, 'settle' | 'limitFields'>

/** Decides whether there is budget left. Answers at once where the store does. */
export interface Limit {
  /** Budgets whose keys are in the head of the call. */
  run(call: Authorized): Admission | Denial | Promise<Admission | Denial>
  /** Budgets whose keys are in the judged body; the call's own admission where there are none. */
  runInput(call: Inspected): Admission | Denial | Promise<Admission | Denial>
  /** True where a key is in the body, which must then be read whole. */
  needsInput(operation: Operation): boolean
  /** Limits that can be walked around. */
  readonly findings: readonly Finding[]
  /** Names of the rules on each operation, by slot. */
  readonly guards: ReadonlyMap<number, readonly string[]>
}

interface Plan {
  readonly head: RateGroup | undefined
  readonly input: RateGroup | undefined
}

const settle = (): void => {}
const unlimited: Admission = Object.freeze({ settle, limitFields: noLimitFields })

function groupOf(rules: readonly RateRule[]): RateGroup | undefined {
  if (rules.length === 0) return undefined
  const shown = rules.filter((rule) => !rule.watching)
  return { rules, policies: shown.map((rule) => rule.policy).join(', ') }
}

/** Joins the fields of head and body budgets: both are lists, in the same order. */
function joinFields(before: LimitFields, after: LimitFields): LimitFields {
  if (before.length === 0) return after
  if (after.length === 0) return before
  return before.map((value, i) => (i % 2 === 0 ? value : `${value}, ${after[i] ?? ''}`))
}

function isDenial(result: LimitFields | Denial): result is Denial {
  return 'verdict' in result
}

/** Compiles the limits of all APIs to one plan per operation. Throws `Unusable` with all that is wrong. */
export function createLimit(options: LimitOptions): Limit {
  const { store, rules, operations, clock = systemClock } = options
  const plans: (Plan | undefined)[] = []
  const guards = new Map<number, readonly string[]>()
  const findings: Finding[] = []
  const wrong: Finding[] = [...duplicates(rules)]
  for (const operation of operations) {
    const compiled: RateRule[] = []
    for (const rule of rules) {
      if (rule.mode === 'off' || rule.api !== operation.api || !rule.operations.includes(operation.slot))
        continue
      try {
        const made = compileRateRule(rule, operation)
        compiled.push(made)
        if (made.key.chosen) {
          const finding = chosenKey(rule)
          if (!findings.some((known) => known.message === finding.message)) findings.push(finding)
        }
      } catch (thrown) {
        if (!(thrown instanceof Unusable)) throw thrown
        for (const finding of thrown.findings)
          if (!wrong.some((known) => known.message === finding.message)) wrong.push(finding)
      }
    }
    if (compiled.length === 0) continue
    guards.set(
      operation.slot,
      compiled.map((rule) => rule.name),
    )
    plans[operation.slot] = {
      head: groupOf(compiled.filter((rule) => rule.key.phase === 'head')),
      input: groupOf(compiled.filter((rule) => rule.key.phase === 'input')),
    }
  }
  if (wrong.length > 0) throw new Unusable(wrong)

  const admit = (taken: LimitFields | Denial): Admission | Denial =>
    isDenial(taken) ? taken : taken === noLimitFields ? unlimited : { settle, limitFields: taken }

  return {
    run(call) {
      const group = plans[call.operation.slot]?.head
      if (group === undefined) return unlimited
      const taken = takeBudgets(store, group, call, headScene, clock.monotonic())
      return taken instanceof Promise ? taken.then(admit) : admit(taken)
    },
    runInput(call) {
      const group = plans[call.operation.slot]?.input
      if (group === undefined) return call
      const scene = { body: call.input.value, object: undefined, response: undefined }
      const join = (taken: LimitFields | Denial): Admission | Denial =>
        isDenial(taken) ? taken : { settle: call.settle, limitFields: joinFields(call.limitFields, taken) }
      const taken = takeBudgets(store, group, call, scene, clock.monotonic())
      return taken instanceof Promise ? taken.then(join) : join(taken)
    },
    needsInput: (operation) => plans[operation.slot]?.input !== undefined,
    findings,
    guards,
  }
}

function chosenKey(rule: LimitRule): Finding {
  return {
    rule: 'open-door.limit-key-chosen',
    severity: 'warning',
    message: `limit "${rule.name}" is kept per ${rule.per.join(', ')}, which the caller chooses: another value is another budget`,
    place: rule.place,
    fix: `per: [ip, ${rule.per.join(', ')}]`,
  }
}

/** Two rules of one name would share budgets and could not be told apart by the caller. */
function duplicates(rules: readonly LimitRule[]): Finding[] {
  const seen = new Set<string>()
  return rules
    .filter((rule) => {
      const name = `${rule.api}\0${rule.name}`
      const again = seen.has(name)
      seen.add(name)
      return again
    })
    .map((rule) => ({
      rule: 'config.invalid',
      severity: 'error',
      message: `limit "${rule.name}" is there twice in api "${rule.api}"`,
      place: rule.place,
    }))
}
