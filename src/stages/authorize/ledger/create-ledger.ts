import type { IdShape } from '../../../contract/objects/id-map.ts'
import { typesIn } from '../../../contract/objects/id-types.ts'
import { headScene } from '../../../expression/scene.ts'
import { type Clock, systemClock } from '../../../kernel/clock.ts'
import type { Identified, Inspected } from '../../../kernel/facts.ts'
import { Fault } from '../../../kernel/fault.ts'
import type { Finding } from '../../../kernel/finding.ts'
import type { ObjectRef } from '../../../kernel/grant.ts'
import type { LedgerStore } from '../../../kernel/ledger-store.ts'
import type { Principal } from '../../../kernel/principal.ts'
import type { ReplyRelease } from '../../../kernel/reply-release.ts'
import { type Denial, deny } from '../../../kernel/verdict.ts'
import { parseMediaType } from '../../../media/media-type.ts'
import { maxRecordedObjects } from '../check.ts'
import { isJsonPatch, patchedPlaces } from '../patched-places.ts'
import { compileLedger, type LearnedPlan, type LedgerPlan, learnedCheck } from './compile-ledger.ts'
import { holderOf, objectKey, publicHolder } from './ledger-keys.ts'
import { createLesson } from './lesson.ts'
import type { LedgerOptions } from './options.ts'
import { type IdVisitor, idText, noId, readParameter, walkIds } from './read-ids.ts'

/** The objects that a call names, or the refusal because of one. */
export type Said = readonly ObjectRef[] | Denial

/** Somebody asks for many objects that they were not given (OWASP API1, API6:2023). */
const enumerationCheck = 'authorize.enumeration'
const nothing: readonly ObjectRef[] = Object.freeze([])

/** Refuses ids that the caller was never given, and learns from replies what they are given. */
export interface Ledger {
  /**
   * Judges the ids in the head of a call; the objects they name. A promise where the caller's memory must be loaded
   * first; it rejects with `GATEWAY_FAULT` where that cannot be read and a rule is in force.
   */
  run(call: Identified): Said | Promise<Said>
  /** The same for the ids in the judged body. */
  runInput(call: Inspected): Said
  /** Learns from the reply of a call that was let through; undefined where it teaches nothing. */
  lesson(call: Inspected): ReplyRelease | undefined
  /** Requests of a principal for objects they were not given, within 24 hours. */
  misses(api: string, principal: Pick<Principal, 'issuer' | 'sub'>): number
  /** Learned types that are checked, by slot. */
  readonly guards: ReadonlyMap<number, readonly string[]>
  readonly findings: readonly Finding[]
}

/** Compiles the learned types of all APIs. Throws `Unusable`. */
export function createLedger(options: LedgerOptions): Ledger {
  const { store, clock = systemClock } = options
  const plans: (LedgerPlan | undefined)[] = []
  const findings: Finding[] = []
  const guards = new Map<number, readonly string[]>()
  for (const api of options.apis) {
    const compiled = compileLedger(api)
    findings.push(...compiled.findings)
    for (const [slot, plan] of compiled.plans) {
      plans[slot] = plan
      if (plan.checked.length > 0)
        guards.set(
          slot,
          plan.checked.map(({ rule }) => rule.name),
        )
    }
  }

  return {
    run(call) {
      const plan = plans[call.operation.slot]
      if (plan === undefined || (plan.checked.length === 0 && !plan.teaches && plan.body === undefined))
        return nothing
      const wait = readyOf(store, plan, call)
      if (wait === undefined) return judgeHead(store, clock, plan, call)
      return wait.then(
        () => judgeHead(store, clock, plan, call),
        (error: unknown) => {
          if (plan.checked.every((one) => one.rule.mode === 'observe')) return nothing
          throw new Fault('GATEWAY_FAULT', learnedCheck, 'what the caller was given cannot be read', error)
        },
      )
    },
    runInput(call) {
      const plan = plans[call.operation.slot]
      const { value, body } = call.input
      if (plan === undefined || (value === undefined && body === undefined)) return nothing
      const unread = judgeUnread(store, clock, plan, call)
      if (unread !== undefined) return unread
      if (plan.patched !== undefined && isJsonPatch(call))
        return judgePatch(store, clock, plan, plan.patched, call)
      return plan.body === undefined
        ? nothing
        : judgeBody(store, clock, plan, [[plan.body, call.input.value]], call)
    },
    lesson(call) {
      const plan = plans[call.operation.slot]
      return plan === undefined || !plan.teaches ? undefined : createLesson(store, clock, plan, call)
    },
    misses: (api, principal) => store.misses(holderOf(api, principal), 0, clock.now()),
    guards,
    findings,
  }
}

function readyOf(store: LedgerStore, plan: LedgerPlan, call: Identified): Promise<unknown> | undefined {
  const waits = [holderOf(plan.api.name, call.principal), ...plan.commons]
    .map((holder) => store.ready(holder))
    .filter((wait) => wait !== undefined)
  return waits.length === 0 ? undefined : Promise.all(waits)
}

function judgeHead(store: LedgerStore, clock: Clock, plan: LedgerPlan, call: Identified): Said {
  const objects: ObjectRef[] = []
  for (const one of plan.checked) {
    if (one.parameters.length === 0) continue
    let foreign = false
    let seen = 0
    for (const parameter of one.parameters)
      readParameter(call, parameter, (id) => {
        seen++
        if (objects.length < maxRecordedObjects) objects.push({ type: one.rule.name, id })
        if (!foreign && !isGiven(store, clock, plan, one, call, id)) foreign = true
      })
    const denial = concluded(store, clock, plan, one, call, foreign, seen, objects)
    if (denial !== undefined) return denial
  }
  return objects
}

/** Ids that cannot be read could be anybody's. */
function judgeUnread(
  store: LedgerStore,
  clock: Clock,
  plan: LedgerPlan,
  call: Inspected,
): Denial | undefined {
  if (plan.unread.length === 0 && (plan.body === undefined || call.input.value !== undefined))
    return undefined
  const essence = parseMediaType(call.input.mediaType ?? '')?.essence ?? ''
  const range = call.operation.input.body?.find(essence)?.range
  const types = plan.unread.find((one) => one.range === range)?.types
  // Under a range like `*/*` the schema is that of JSON, and this body is something else.
  const wide =
    range?.includes('*') === true && call.input.value === undefined ? typesIn(plan.body) : undefined
  for (const one of plan.checked)
    if (types?.has(one.rule.type) === true || wide?.has(one.rule.type) === true) {
      const denial = concluded(store, clock, plan, one, call, true, 1, [])
      if (denial !== undefined) return denial
    }
  return undefined
}

/** What a JSON Patch writes is judged by the object that it changes. */
function judgePatch(
  store: LedgerStore,
  clock: Clock,
  plan: LedgerPlan,
  target: IdShape,
  call: Inspected,
): Said {
  const places = patchedPlaces(target, call.input.value, (type) => plan.rules.get(type)?.checks === true)
  if (places !== 'unreadable')
    return judgeBody(
      store,
      clock,
      plan,
      places.map(({ shape, change }) => [shape, change.value]),
      call,
    )
  for (const one of plan.checked) {
    const denial = typesIn(target).has(one.rule.type)
      ? concluded(store, clock, plan, one, call, true, 1, [])
      : undefined
    if (denial !== undefined) return denial
  }
  return nothing
}

function judgeBody(
  store: LedgerStore,
  clock: Clock,
  plan: LedgerPlan,
  values: readonly (readonly [IdShape, unknown])[],
  call: Inspected,
): Said {
  const objects: ObjectRef[] = []
  const foreign = new Set<LearnedPlan>()
  const seen = new Map<LearnedPlan, number>()
  const visitor: IdVisitor = {
    id(shape, value, depth) {
      const one =
        shape.id === undefined || shape.id.confidence === 'guess' ? undefined : plan.rules.get(shape.id.type)
      if (one === undefined || !one.checks) return
      // A new object may come with the id that its maker chose.
      if (one.creates && depth <= 1 && shape.id?.own === true) return
      const id = idText(value)
      if (id === undefined) return
      seen.set(one, (seen.get(one) ?? 0) + 1)
      if (id === noId) {
        foreign.add(one)
        return
      }
      if (objects.length < maxRecordedObjects) objects.push({ type: one.rule.name, id })
      if (!isGiven(store, clock, plan, one, call, id)) foreign.add(one)
    },
    // A URL of the API is the id of what it leads to.
    link(url) {
      const target = plan.api.resolve(url)
      for (const mark of plan.api.ids.operations.get(target?.slot ?? -1)?.parameters ?? []) {
        const one = mark.in === 'path' && mark.confidence !== 'guess' ? plan.rules.get(mark.type) : undefined
        const id = target?.params[mark.name]
        if (one === undefined || !one.checks || id === undefined) continue
        seen.set(one, (seen.get(one) ?? 0) + 1)
        if (!isGiven(store, clock, plan, one, call, id)) foreign.add(one)
      }
    },
  }
  for (const [shape, value] of values) walkIds(shape, value, visitor)
  for (const [one, count] of seen) {
    const denial = concluded(store, clock, plan, one, call, foreign.has(one), count, objects)
    if (denial !== undefined) return denial
  }
  return objects
}

/** Whether the caller was given an object, or needs not have been. */
function isGiven(
  store: LedgerStore,
  clock: Clock,
  plan: LedgerPlan,
  one: LearnedPlan,
  call: Identified,
  id: string,
): boolean {
  const { principal } = call
  if (one.self && principal.sub !== '' && id === principal.sub) return true
  const now = clock.now()
  const key = objectKey(one.rule.name, id)
  const standing = store.standing(holderOf(plan.api.name, principal), key, now)
  if (one.rule.kind !== 'public-read') return standing !== 'none' || isExcepted(one, call, id)
  if (standing === 'owned') return true
  if (one.reads && (standing === 'shown' || store.standing(publicHolder(plan.api.name), key, now) !== 'none'))
    return true
  return isExcepted(one, call, id)
}

function isExcepted(one: LearnedPlan, call: Identified, id: string): boolean {
  return one.exception?.holds(call, { ...headScene, object: { id, owner: undefined } }) === true
}

/** Notes the verdict of one rule; the refusal where it is in force. A miss is counted in every mode. */
function concluded(
  store: LedgerStore,
  clock: Clock,
  plan: LedgerPlan,
  one: LearnedPlan,
  call: Identified,
  foreign: boolean,
  seen: number,
  objects: readonly ObjectRef[],
): Denial | undefined {
  if (seen === 0) return undefined
  if (!foreign) {
    call.trail.note('authorize', learnedCheck, 'allow', undefined, one.rule.name)
    return undefined
  }
  const misses = store.misses(holderOf(plan.api.name, call.principal), 1, clock.now())
  const watched = one.rule.mode === 'observe'
  const reason = `${one.refusal.reason}; ${misses} within a day`
  call.trail.note('authorize', learnedCheck, 'deny', one.refusal.code, reason, watched)
  const { alert, lock } = one.rule
  if (misses >= alert)
    call.trail.note(
      'authorize',
      enumerationCheck,
      'deny',
      'LIMIT_LOCKED',
      `${misses} foreign objects within a day`,
      true,
    )
  if (watched) return undefined
  const locked = lock !== undefined && misses >= lock
  const denial = locked
    ? deny('LIMIT_LOCKED', enumerationCheck, reason, { fields: ['Retry-After', '3600'] })
    : deny(one.refusal.code, learnedCheck, reason)
  return { ...denial, objects: [...objects] }
}
