import { type Clock, systemClock } from '../../../kernel/clock.ts'
import type { Identified } from '../../../kernel/facts.ts'
import type { FlowMemory } from '../../../kernel/flow-memory.ts'
import type { ReplyRelease } from '../../../kernel/reply-release.ts'
import { type Denial, deny } from '../../../kernel/verdict.ts'
import type { FlowOptions, FlowRule } from './options.ts'

const flowCheck = 'authorize.flow'
const paceCheck = 'limit.pace'

/** Refuses a step whose step before was not taken, and steps that come faster than a human takes them. */
export interface Flows {
  /** Before anything is spent on the call. */
  run(call: Identified): Denial | undefined
  /** Once the call is about to be forwarded: the last step takes the one before it, so that it cannot be repeated alone. */
  take(call: Identified): Denial | undefined
  /** Notes a step that succeeded; undefined for operations of no flow. */
  release(call: Identified): ReplyRelease | undefined
  /** Flows that each operation is a step of, by slot. */
  readonly guards: ReadonlyMap<number, readonly string[]>
}

interface Step {
  readonly rule: FlowRule
  readonly index: number
  readonly unordered: Denial
}

/** Compiles the flows of all APIs. */
export function createFlows({ rules, memory, clock = systemClock }: FlowOptions): Flows {
  const steps: (Step[] | undefined)[] = []
  const guards = new Map<number, string[]>()
  for (const rule of rules) {
    if (rule.mode === 'off') continue
    for (const [index, slots] of rule.steps.entries())
      for (const slot of slots) {
        const unordered = deny(
          'AUTHORIZE_FLOW',
          flowCheck,
          `step ${index + 1} of ${rule.name} without the step before it`,
        )
        steps[slot] = [...(steps[slot] ?? []), { rule, index, unordered }]
        guards.set(slot, [...(guards.get(slot) ?? []), rule.name])
      }
  }

  const judge = (call: Identified, takes: boolean): Denial | undefined => {
    for (const step of steps[call.operation.slot] ?? []) {
      if (step.index === 0) continue
      const denial = judgeStep(memory, clock, step, call, takes)
      if (denial === undefined) continue
      const watched = step.rule.mode === 'observe'
      // Twice judged, once noted.
      if (!watched || !takes)
        call.trail.note('authorize', denial.check, 'deny', denial.code, denial.reason, watched)
      if (!watched) return denial
    }
    return undefined
  }

  return {
    run: (call) => judge(call, false),
    take: (call) => judge(call, true),
    release(call) {
      const own = steps[call.operation.slot]
      if (own === undefined) return undefined
      return {
        run(status) {
          if (status < 200 || status >= 300) return false
          for (const { rule, index } of own) {
            if (index === rule.steps.length - 1) continue
            memory.note(keyOf(rule, call), rule.steps.length, index, clock.now())
          }
          return false
        },
        field: (_name, value) => value,
      }
    },
    guards,
  }
}

function judgeStep(
  memory: FlowMemory,
  clock: Clock,
  { rule, index, unordered }: Step,
  call: Identified,
  takes: boolean,
): Denial | undefined {
  const key = keyOf(rule, call)
  const before = memory.at(key, index - 1)
  const now = clock.now()
  if (before === 0 || now - before > rule.withinMs) return unordered
  const early = before + rule.paceMs - now
  if (early > 0)
    return deny('LIMIT_PACE', paceCheck, `step ${index + 1} of ${rule.name} comes ${early} ms too early`, {
      fields: ['Retry-After', String(Math.ceil(early / 1000))],
    })
  if (takes && index === rule.steps.length - 1 && !memory.take(key, index - 1, before)) return unordered
  return undefined
}

/** A principal, or for anonymous callers their address. */
function keyOf(rule: FlowRule, call: Identified): string {
  const { issuer, sub } = call.principal
  return `${rule.api}\0${rule.name}\0${issuer}\0${issuer === '' ? call.client : sub}`
}
