import { headScene, type Scene } from '../../expression/scene.ts'
import type { Identified, Inspected } from '../../kernel/facts.ts'
import type { Grant, ObjectRef } from '../../kernel/grant.ts'
import type { Denial } from '../../kernel/verdict.ts'
import { type CallObject, propertiesOf } from './call-properties.ts'
import { maxRecordedObjects } from './check.ts'
import type { Plan } from './compile-plan.ts'
import type { ReadFirst, ReadFirstRule } from './read-first.ts'
import { CallProof, type ReplyRule } from './reply-rule.ts'

/** The grant of a call whose reply must prove something, or lose guarded properties. */
export function grantReply(plan: Plan, call: Identified, objects: ObjectRef[]): Grant | Denial {
  const rules: ReplyRule[] = []
  const ids: (string | undefined)[] = []
  for (const { rule } of plan.replies) {
    const named: string[] = []
    if (rule.source !== undefined && rule.source.phase === 'head') {
      const unreadable = rule.source.read(call, headScene, named)
      if (unreadable !== undefined && rule.mode === 'enforce') {
        const denial = rule.ownership.failed(unreadable)
        call.trail.note('authorize', denial.check, 'deny', denial.code, denial.reason)
        return denial
      }
      record(objects, rule.rule.name, named)
    }
    if (rule.ownership.isExempt(call, headScene)) continue
    // The reply to HEAD shows nothing: the object is read instead.
    if (call.method === 'HEAD') continue
    rules.push(rule)
    ids.push(named.length === 1 ? named[0] : undefined)
  }
  const rootOf = rootOwner(plan, call, headScene, undefined)
  const read = propertiesOf(plan.properties, plan.readGuards, 'read', call, undefined, rootOf)
  return {
    objects,
    ...(rules.length > 0 && { proof: new CallProof(rules, call, ids) }),
    ...(read !== undefined && { read }),
  }
}

/** The rules whose objects are read before this call is forwarded. */
export function readsOf(plan: Plan, call: Identified): readonly ReadFirstRule[] {
  if (plan.reads.length === 0 && (call.method !== 'HEAD' || plan.replies.length === 0)) return plan.reads
  const heads = plan.replies.flatMap(({ head }) =>
    call.method === 'HEAD' && head !== undefined ? [head] : [],
  )
  return [...plan.reads, ...heads]
}

/** Reads the objects of a call and judges them, one rule after the other. */
export async function readObjects(
  reading: ReadFirst,
  rules: readonly ReadFirstRule[],
  plan: Plan,
  call: Inspected,
  scene: Scene,
  objects: ObjectRef[],
): Promise<Grant | Denial> {
  let owner: string | undefined
  for (const rule of rules) {
    const ids: string[] = []
    const unreadable = rule.source.read(call, scene, ids)
    record(objects, rule.rule.name, ids)
    if (rule.ownership.isExempt(call, scene)) continue
    const outcome =
      unreadable === undefined
        ? await reading.run(rule, call, ids)
        : { denial: rule.ownership.failed(unreadable), owner: undefined }
    if (outcome.denial === undefined) {
      call.trail.note('authorize', rule.ownership.refusal.check, 'allow', undefined, rule.rule.name)
      if (rules.length === 1) owner = outcome.owner
      continue
    }
    const { check, code, reason } = outcome.denial
    const watched = rule.mode === 'observe'
    call.trail.note('authorize', check, 'deny', code, reason, watched)
    if (!watched) return { ...outcome.denial, objects }
  }
  return grantWrite(plan, call, { ...call.grant, objects }, owner)
}

/** Adds to a grant what of the body's guarded properties may be written. */
export function grantWrite(plan: Plan, call: Inspected, grant: Grant, owner: string | undefined): Grant {
  if (plan.writeGuards.length === 0) return grant
  const scene: Scene = { body: call.input.value, object: undefined, response: undefined }
  const rootOf = rootOwner(plan, call, scene, owner)
  const write = propertiesOf(plan.properties, plan.writeGuards, 'write', call, call.input.value, rootOf)
  return write === undefined ? grant : { ...grant, write }
}

/** Who owns the object that a call names, as far as it is known: read a moment ago, or told by the request. */
function rootOwner(
  { owners }: Plan,
  call: Identified,
  scene: Scene,
  read: string | undefined,
): (guard: number) => CallObject {
  return (guard) => ({ id: undefined, owner: read ?? owners.get(guard)?.ownerOf(call, scene) })
}

function record(objects: ObjectRef[], type: string, ids: readonly string[]): void {
  for (const id of ids) if (objects.length < maxRecordedObjects) objects.push({ type, id })
}
