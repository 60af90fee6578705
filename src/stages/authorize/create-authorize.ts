import { headScene, type Scene } from '../../expression/scene.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { Identified, Inspected } from '../../kernel/facts.ts'
import type { Finding } from '../../kernel/finding.ts'
import { emptyGrant, type Grant, type ObjectRef } from '../../kernel/grant.ts'
import type { Operation } from '../../kernel/operation.ts'
import { type Denial, deny, isDenied } from '../../kernel/verdict.ts'
import type { Check } from './check.ts'
import { compilePlan, type OperationGuards, type Plan } from './compile-plan.ts'
import { grantReply, grantWrite, readObjects, readsOf } from './grant-call.ts'
import type { AuthorizeOptions } from './options.ts'
import { OwnerCache } from './owner-cache.ts'
import { ReadFirst } from './read-first.ts'

/** Decides whether this principal may call this function on these objects. */
export interface Authorize {
  /** Rules over the head of the call. */
  run(call: Identified): Grant | Denial
  /** Rules over the judged body, and objects that are read before a write; the same grant where there are none. */
  runInput(call: Inspected): Grant | Denial | Promise<Grant | Denial>
  /**
   * Whether the caller could call the operation with some arguments: its scopes, and the functions whose rules need no
   * argument. Objects are not asked about; what is noted goes to the trail of `call`.
   */
  sees(call: Identified): Denial | undefined
  /** True where a rule reads the body, which must then be read whole. */
  needsInput(operation: Operation): boolean
  /** Forgets what was read of the objects that a call writes; called before and after it is forwarded. True
   * where there may be something to forget. */
  touch(call: Inspected): boolean
  /** Open doors, by operation. */
  readonly findings: readonly Finding[]
  /** What guards each operation, by slot. */
  readonly guards: ReadonlyMap<number, OperationGuards>
}

const check = 'authorize.function'
const closed: Denial = deny('AUTHORIZE_FUNCTION', check, 'nothing allows the operation')
const unknown: Denial = deny('AUTHORIZE_FUNCTION', check, 'the operation has no plan')

/**
 * Compiles the policy of all APIs to one plan per operation. Every check that speaks must allow; where none
 * speaks the call is refused. Throws `Unusable` with every rule that cannot be compiled.
 */
export function createAuthorize(options: AuthorizeOptions): Authorize {
  const plans: (Plan | undefined)[] = []
  const findings: Finding[] = []
  const guards = new Map<number, OperationGuards>()
  for (const api of options.apis) {
    const compiled = compilePlan(api)
    findings.push(...compiled.findings)
    for (const [slot, plan] of compiled.plans) plans[slot] = plan
    for (const [slot, guard] of compiled.guards) guards.set(slot, guard)
  }

  const owners = new OwnerCache(options.ownerCacheMs ?? 2_000, options.clock ?? systemClock)
  const reading = new ReadFirst(options.reader, owners)

  return {
    run: (call) => {
      const plan = plans[call.operation.slot]
      if (plan === undefined) return unknown
      if (plan.closed !== undefined) {
        const watched = plan.closed === 'observe'
        call.trail.note('authorize', check, 'deny', closed.code, closed.reason, watched)
        if (!watched) return closed
      }
      const objects: ObjectRef[] = plan.hasObjects || plan.replies.length > 0 ? [] : none
      const denial = judge(plan.head, call, headScene, objects)
      if (denial !== undefined) return plan.hasObjects ? { ...denial, objects } : denial
      if (plan.replies.length === 0 && plan.readGuards.length === 0)
        return plan.hasObjects ? { objects } : emptyGrant
      return grantReply(plan, call, objects)
    },
    runInput: (call) => {
      const plan = plans[call.operation.slot]
      if (plan === undefined) return unknown
      const reads = readsOf(plan, call)
      if (plan.input.length === 0 && reads.length === 0 && plan.writeGuards.length === 0) return call.grant
      const objects: ObjectRef[] = [...call.grant.objects]
      const scene: Scene = { body: call.input.value, object: undefined, response: undefined }
      const denial = judge(plan.input, call, scene, objects)
      if (denial !== undefined) return { ...denial, objects }
      if (reads.length > 0) return readObjects(reading, reads, plan, call, scene, objects)
      return grantWrite(plan, call, { ...call.grant, objects }, undefined)
    },
    sees: (call) => {
      const plan = plans[call.operation.slot]
      if (plan === undefined || plan.closed === 'enforce') return closed
      for (const one of plan.head) {
        if (one.mode === 'observe' || !callers.has(one.name)) continue
        const verdict = one.judge(call, headScene, [])
        if (isDenied(verdict) && !verdict.reason.includes(unknowable)) return verdict
      }
      return undefined
    },
    needsInput: ({ slot }) =>
      (plans[slot]?.input.length ?? 0) > 0 || (plans[slot]?.writeGuards.length ?? 0) > 0,
    touch: (call) => {
      const reads = plans[call.operation.slot]?.reads
      if (reads === undefined || reads.length === 0) return false
      const scene: Scene = { body: call.input.value, object: undefined, response: undefined }
      for (const rule of reads) reading.forget(rule, call, scene)
      return true
    },
    findings,
    guards,
  }
}

/** Checks that are about the caller. */
const callers: ReadonlySet<string> = new Set(['authorize.scope', check])
/** A condition over arguments that nobody gave. */
const unknowable = 'could not be evaluated'

// Only object checks write objects, and a plan without them shares this list.
const none: ObjectRef[] = []

/** The first refusal; what a watching check would have refused is written down and passes. */
function judge(
  checks: readonly Check[],
  call: Identified,
  scene: Scene,
  objects: ObjectRef[],
): Denial | undefined {
  for (const one of checks) {
    const verdict = one.judge(call, scene, objects)
    if (!isDenied(verdict)) {
      call.trail.note('authorize', one.name, verdict.verdict, undefined, one.label)
      continue
    }
    const watched = one.mode === 'observe'
    call.trail.note('authorize', one.name, 'deny', verdict.code, verdict.reason, watched)
    if (!watched) return verdict
  }
  return undefined
}
