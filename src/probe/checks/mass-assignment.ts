import { flat } from '../../contract/objects/known-types.ts'
import { isObject, type JsonObject, own } from '../../contract/schema.ts'
import type { Identity } from '../identity.ts'
import type { Call } from '../plan/build-call.ts'
import type { ProbeOperation } from '../plan/probe-operation.ts'
import { contractLine, propertyLine } from '../policy-line.ts'
import { isOpen, reportWeakness } from '../report-weakness.ts'
import type { Exchange } from '../session.ts'
import { isYes, jsonOf, leavesOf } from '../state/reply-facts.ts'
import type { World } from '../state/world.ts'
import { callsFor, keep } from '../steps-make.ts'
import { type Extra, extrasFor, taken } from './extra-members.ts'
import { type Held, heldObject, holdingOf } from './held-object.ts'
import { shownOf } from './shown-object.ts'

/** API3: members that the request's schema does not have, or has as read-only, taken over from the body. */
export async function checkMassAssignment(world: World): Promise<void> {
  for (const operation of world.operations) {
    const { method } = operation.declared
    if (
      operation.signIn ||
      operation.declared.body === undefined ||
      !['POST', 'PUT', 'PATCH'].includes(method)
    )
      continue
    if (operation.staff || operation.credential) continue
    if (operation.creates !== undefined) await onMaking(world, operation)
    else await onChanging(world, operation)
  }
}

/** Makes one object without and one with each member. */
async function onMaking(world: World, operation: ProbeOperation): Promise<void> {
  const base = world.made.find((one) => one.operation === operation)
  if (base === undefined || !isObject(base.call.body)) return
  const plain = await shownOf(world, base)
  for (const extra of extrasFor(world, operation, base.owner, plain.leaves)) {
    if (!isOpen(world, 'property.assignment', operation, extra.name)) continue
    const [fresh] = callsFor(world, operation, base.owner).filter((one) => sameMembers(one, base.call))
    const call = fresh ?? base.call
    if (!isObject(call.body)) continue
    const sent: Call = { ...call, body: { ...call.body, [extra.name]: extra.value } }
    const exchange = await world.session.call(base.owner, sent)
    if (!isYes(exchange.reply)) continue
    const made = keep(world, operation, base.owner, sent, exchange)
    if (made === undefined) continue
    const shown = await shownOf(world, made)
    if (!taken(extra, shown.leaves) || taken(extra, plain.leaves)) continue
    report(world, operation, extra, shown.read === undefined ? 'firm' : 'certain', [
      ['without the member', base.exchange],
      ['with it', exchange],
      ...(shown.read === undefined ? [] : [['read again', shown.read] as const]),
    ])
  }
}

function sameMembers(one: Call, other: Call): boolean {
  return (
    isObject(one.body) &&
    isObject(other.body) &&
    Object.keys(one.body).join() === Object.keys(other.body).join()
  )
}

/** Changes an object of one's own with each member, and puts it back. */
async function onChanging(world: World, operation: ProbeOperation): Promise<void> {
  const owner = world.identities.find((one) => !one.privileged)
  if (owner === undefined) return
  const held = await holdingOf(world, operation, owner)
  if (held === undefined) return
  const before = leavesOf(heldObject(held, held.before))
  for (const extra of extrasFor(world, operation, owner, before)) {
    if (!isOpen(world, 'property.assignment', operation, extra.name) || taken(extra, before)) continue
    const call = minimal(world, operation, held)
    if (call === undefined || !isObject(call.body)) return
    const n = noteChange(world, operation, held, extra, before)
    const exchange = await world.session.call(owner, {
      ...call,
      body: { ...call.body, [extra.name]: extra.value },
    })
    const after = await world.session.call(owner, held.read)
    const shown = isYes(after.reply) ? leavesOf(heldObject(held, after)) : []
    if (taken(extra, shown)) {
      report(world, operation, extra, 'certain', [
        [`${owner.name} reads before`, held.before],
        ['the change with the member', exchange],
        [`${owner.name} reads again`, after],
      ])
      const old = before.find(({ name }) => flat(name) === flat(extra.name))
      const back = await world.session.call(owner, {
        ...call,
        body: { ...call.body, [extra.name]: old?.value ?? null },
      })
      const again = await world.session.call(owner, held.read)
      if (isYes(back.reply) && !taken(extra, leavesOf(heldObject(held, again)))) world.journal.undone(n)
    } else if (await keeps(world, owner, call, exchange, extra)) {
      report(world, operation, extra, 'firm', [
        [`${owner.name} reads before`, held.before],
        ['the change with the member', exchange],
      ])
    } else world.journal.undone(n)
  }
}

/** True where the change without the member still answers with the value that was sent before: it was kept, not repeated. */
async function keeps(
  world: World,
  owner: Identity,
  call: Call,
  exchange: Exchange,
  extra: Extra,
): Promise<boolean> {
  if (!isYes(exchange.reply) || !taken(extra, leavesOf(jsonOf(exchange.reply)))) return false
  const again = await world.session.call(owner, call)
  return isYes(again.reply) && taken(extra, leavesOf(jsonOf(again.reply)))
}

function noteChange(
  world: World,
  operation: ProbeOperation,
  held: Held,
  extra: Extra,
  before: ReturnType<typeof leavesOf>,
): number {
  const old = before.find(({ name }) => flat(name) === flat(extra.name))
  return world.journal.made({
    operation: operation.title,
    type: operation.collection,
    id: String([...held.fills.values()][0] ?? ''),
    identity: held.owner.name,
    undo: undefined,
    changed: `${extra.name} of ${operation.declared.template}${old === undefined ? '' : `, which was ${world.session.mask(String(old.value)).slice(0, 60)}`}`,
  })
}

/** The smallest change that leaves everything as it is. */
function minimal(world: World, operation: ProbeOperation, held: Held): Call | undefined {
  const { fills, before } = held
  const call = world.build(operation, fills, { full: operation.declared.method === 'PUT' })
  const object = heldObject(held, before)
  if (call === undefined || !isObject(call.body)) return call
  const body: JsonObject = { ...call.body }
  if (isObject(object))
    for (const name of Object.keys(body)) {
      const old = own(object, name)
      if (old !== undefined && old !== null) body[name] = old
    }
  return { ...call, body }
}

function report(
  world: World,
  operation: ProbeOperation,
  { name }: Extra,
  confidence: 'certain' | 'firm',
  steps: readonly (readonly [string, Exchange])[],
): void {
  const media = operation.declared.body?.media[0]?.schema
  const reference = isObject(media) ? String(own(media, '$ref') ?? '') : ''
  const schema = reference.split('/').at(-1)
  reportWeakness(world, {
    rule: 'property.assignment',
    operation,
    detail: name,
    message: `the caller sets ${name}`,
    confidence,
    policy:
      schema === undefined || schema === ''
        ? contractLine('members that the contract does not declare are refused')
        : `${propertyLine(operation, schema, name, 'write')}   # undeclared members are refused by the contract alone`,
    steps,
  })
}
