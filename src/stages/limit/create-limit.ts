import { headScene } from '../../expression/scene.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { Admitted, Authorized, Inspected, Matched } from '../../kernel/facts.ts'
import { type Finding, Unusable } from '../../kernel/finding.ts'
import type { Operation } from '../../kernel/operation.ts'
import { anonymous } from '../../kernel/principal.ts'
import { type Denial, isDenied } from '../../kernel/verdict.ts'
import type { Soon } from './budget.ts'
import { type CompiledRule, compileRule, type Throttles } from './compile-rule.ts'
import { createHolders } from './holders.ts'
import type { LimitOptions, LimitRule } from './options.ts'
import { takeBudgets } from './take-budgets.ts'
import {
  type LimitFields,
  noLimitFields,
  type Passed,
  type RuleGroup,
  type Settle,
  type Taking,
} from './taken.ts'

/** What limit adds to a call. */
export type Admission = Pick<Admitted, 'settle' | 'limitFields'>

/** Decides whether there is budget left. Answers at once where the store does. */
export interface Limit {
  /**
   * Budgets of failed authentications whose keys are known before the caller is; undefined where no operation has one.
   * What it gives is to be called with the status that the caller gets.
   */
  readonly runEarly: ((call: Matched) => Soon<((status: number) => void) | Denial | undefined>) | undefined
  /** Budgets whose keys are in the head of the call. */
  run(call: Authorized): Soon<Admission | Denial>
  /** Budgets whose keys are in the judged body; the call's own admission where there are none. */
  runInput(call: Inspected): Soon<Admission | Denial>
  /** True where a key is in the body, which must then be read whole. */
  needsInput(operation: Operation): boolean
  /** Limits that can be walked around. */
  readonly findings: readonly Finding[]
  /** Names of the rules on each operation, by slot. */
  readonly guards: ReadonlyMap<number, readonly string[]>
}

interface Plan {
  readonly early: RuleGroup | undefined
  readonly head: RuleGroup | undefined
  readonly input: RuleGroup | undefined
}

const noSettle = (): void => {}
const unlimited: Admission = Object.freeze({ settle: noSettle, limitFields: noLimitFields })

function groupOf(rules: readonly CompiledRule[]): RuleGroup | undefined {
  if (rules.length === 0) return undefined
  const turns = rules.filter((rule) => rule.throttle !== undefined)
  const others = rules.filter((rule) => rule.throttle === undefined)
  const shown = [...others, ...turns].filter((rule) => !rule.watching)
  const steady = shown.every(({ budgets }) => budgets.length === 1 && budgets[0].steady)
  return {
    rules: others,
    turns,
    policies: steady ? shown.map(({ budgets }) => budgets[0].policy(0)).join(', ') : undefined,
  }
}

/** True for budgets of failures that do not need to know who calls. */
function isEarly(rule: CompiledRule): boolean {
  return rule.failures !== undefined && rule.key.early && rule.tierOf === undefined && rule.phase === 'head'
}

/** Joins the fields of head and body budgets: both are lists, in the same order. */
function joinFields(before: LimitFields, after: LimitFields): LimitFields {
  if (before.length === 0) return after
  if (after.length === 0) return before
  return before.map((value, i) => (i % 2 === 0 ? value : `${value}, ${after[i] ?? ''}`))
}

function joinSettle(before: Admission['settle'], after: Settle | undefined): Admission['settle'] {
  if (after === undefined) return before
  return (status, bytes) => {
    before(status, bytes)
    after(status, bytes ?? 0)
  }
}

/** Compiles the limits of all APIs to one plan per operation. Throws `Unusable` with all that is wrong. */
export function createLimit(options: LimitOptions): Limit {
  const { stores, rules, operations, clock = systemClock, locks } = options
  const plans: (Plan | undefined)[] = []
  const guards = new Map<number, readonly string[]>()
  const findings: Finding[] = []
  const wrong: Finding[] = [...duplicates(rules)]
  const throttles: Throttles = new Map()
  for (const operation of operations) {
    const compiled: CompiledRule[] = []
    for (const rule of rules) {
      if (rule.mode === 'off' || rule.api !== operation.api || !rule.operations.includes(operation.slot))
        continue
      try {
        const made = compileRule(rule, operation, options, throttles)
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
    const later = compiled.filter((rule) => !isEarly(rule))
    plans[operation.slot] = {
      early: groupOf(compiled.filter(isEarly)),
      head: groupOf(later.filter((rule) => rule.phase === 'head')),
      input: groupOf(later.filter((rule) => rule.phase === 'input')),
    }
  }
  if (wrong.length > 0) throw new Unusable(wrong)
  const taking: Taking = { stores, holders: createHolders(clock), locks }

  const admit = (taken: Passed | Denial): Admission | Denial => {
    if (isDenied(taken)) return taken
    const { fields, settle } = taken
    if (settle === undefined && fields === noLimitFields) return unlimited
    return {
      settle: settle === undefined ? noSettle : (status, bytes) => settle(status, bytes ?? 0),
      limitFields: fields,
    }
  }
  const enter = (taken: Passed | Denial): ((status: number) => void) | Denial | undefined => {
    if (isDenied(taken)) return taken
    const { settle } = taken
    return settle === undefined ? undefined : (status) => settle(status, 0)
  }

  return {
    runEarly: plans.some((plan) => plan?.early !== undefined)
      ? (call) => {
          const group = plans[call.operation.slot]?.early
          if (group === undefined) return undefined
          const stranger = { ...call, principal: anonymous }
          const taken = takeBudgets(taking, group, stranger, headScene, clock.monotonic())
          return taken instanceof Promise ? taken.then(enter) : enter(taken)
        }
      : undefined,
    run(call) {
      const group = plans[call.operation.slot]?.head
      if (group === undefined) return unlimited
      const taken = takeBudgets(taking, group, call, headScene, clock.monotonic())
      return taken instanceof Promise ? taken.then(admit) : admit(taken)
    },
    runInput(call) {
      const group = plans[call.operation.slot]?.input
      if (group === undefined) return call
      const scene = { body: call.input.value, object: undefined, response: undefined }
      const join = (taken: Passed | Denial): Admission | Denial =>
        isDenied(taken)
          ? taken
          : {
              settle: joinSettle(call.settle, taken.settle),
              limitFields: joinFields(call.limitFields, taken.fields),
            }
      const taken = takeBudgets(taking, group, call, scene, clock.monotonic())
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
