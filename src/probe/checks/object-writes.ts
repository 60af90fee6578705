import { flat } from '../../contract/objects/known-types.ts'
import { isObject, type JsonObject, own } from '../../contract/schema.ts'
import type { Identity } from '../identity.ts'
import { bodyMembers, type Call, chooseMedia, pathOf } from '../plan/build-call.ts'
import type { ProbeOperation } from '../plan/probe-operation.ts'
import { authLine, objectLine } from '../policy-line.ts'
import { isOpen, reportWeakness } from '../report-weakness.ts'
import type { Exchange } from '../session.ts'
import { isYes, jsonOf, leavesOf } from '../state/reply-facts.ts'
import type { World } from '../state/world.ts'
import { type Change, changeFor } from './change-for.ts'
import { checkDeletions } from './deletions.ts'
import { mainSlot } from './foreign-object.ts'
import { type Held, heldObject, holdingOf } from './held-object.ts'
import { ownerMember } from './object-reads.ts'

/** API1, API2: changes and deletions of objects that are another's, and by nobody at all. */
export async function checkObjectWrites(world: World): Promise<void> {
  for (const operation of world.operations) {
    const { method } = operation.declared
    if (operation.staff || operation.open || operation.credential) continue
    if (method === 'PUT' || method === 'PATCH') await changes(world, operation)
    else if (method === 'DELETE') await checkDeletions(world, operation)
  }
}

async function changes(world: World, operation: ProbeOperation): Promise<void> {
  for (const owner of world.identities) {
    const held = await holdingOf(world, operation, owner)
    if (held === undefined) continue
    const others = [...world.identities.filter((one) => one !== owner && !one.privileged), undefined]
    const own1 = await write(world, operation, held, owner)
    // What its owner cannot change says nothing.
    if (own1 === undefined) continue
    for (const other of others) {
      const rule = other === undefined ? 'auth.missing' : 'bola.write'
      if ((other === undefined && !operation.secured) || !isOpen(world, rule, operation, '')) continue
      const attack = await write(world, operation, held, other)
      if (attack === undefined) continue
      reportWeakness(world, {
        rule,
        operation,
        detail: '',
        message:
          other === undefined
            ? 'changes things without a credential'
            : `${other.name} changes what is ${owner.name}'s`,
        confidence: 'certain',
        policy:
          other === undefined
            ? authLine(operation)
            : objectLine(operation, mainSlot(operation), ownerMember(held.before)),
        steps: [
          [`${owner.name} reads its own`, held.before],
          [`${other?.name ?? 'nobody'} changes it`, attack.exchange],
          [`${owner.name} reads it again`, attack.after],
        ],
      })
    }
    await restore(world, operation, held)
    if (!isOpen(world, 'bola.write', operation, '')) return
  }
}

/** Writes and lets the owner read; undefined where what was written is not there afterwards. */
async function write(
  world: World,
  operation: ProbeOperation,
  held: Held,
  who: Identity | undefined,
): Promise<{ readonly exchange: Exchange; readonly after: Exchange } | undefined> {
  const before = await world.session.call(held.owner, held.read)
  const change = isYes(before.reply)
    ? changeFor(world, operation, held.fills, heldObject(held, before))
    : undefined
  if (change === undefined || has(before, change)) return undefined
  if (held.made === undefined) noteChange(world, operation, held, change.name)
  const exchange = await world.session.call(who, change.call)
  const after = await world.session.call(held.owner, held.read)
  return has(after, change) && isYes(after.reply) ? { exchange, after } : undefined
}

function has({ reply }: Exchange, change: Pick<Change, 'name' | 'value'>): boolean {
  return leavesOf(jsonOf(reply)).some(
    ({ name, value }) => flat(name) === flat(change.name) && value === change.value,
  )
}

const noted = new WeakMap<Held, number>()

function noteChange(world: World, operation: ProbeOperation, held: Held, name: string): void {
  if (noted.has(held)) return
  const back = backCall(world, operation, held)
  noted.set(
    held,
    world.journal.made({
      operation: operation.title,
      type: operation.collection,
      id: String([...held.fills.values()][0] ?? ''),
      identity: held.owner.name,
      undo:
        back === undefined
          ? undefined
          : {
              method: back.operation.method,
              path: pathOf(back, world.session.prefix),
              body: JSON.stringify(back.body),
            },
      changed: `${name} of ${operation.title.split(' ')[1]}`,
    }),
  )
}

/** The values that were there before. */
function backCall(world: World, operation: ProbeOperation, held: Held): Call | undefined {
  const { fills, before } = held
  const call = world.build(operation, fills, { full: true })
  const object = heldObject(held, before)
  if (call === undefined || !isObject(object)) return undefined
  const body: JsonObject = {}
  for (const name of bodyMembers(chooseMedia(operation.declared.body?.media ?? []), (one) =>
    world.contract.resolve(one),
  ).keys()) {
    const value = own(object, name)
    if (value !== undefined && value !== null) body[name] = value
  }
  return Object.keys(body).length === 0 ? undefined : { ...call, body }
}

async function restore(world: World, operation: ProbeOperation, held: Held): Promise<void> {
  const entry = noted.get(held)
  if (entry === undefined) return
  const back = backCall(world, operation, held)
  if (back === undefined) return
  const { reply } = await world.session.call(held.owner, back)
  if (isYes(reply)) world.journal.undone(entry)
}
