import { isObject } from '../../contract/schema.ts'
import type { Exchange } from '../session.ts'
import { isYes, jsonOf, type Leaf, leavesOf } from '../state/reply-facts.ts'
import type { MadeObject, World } from '../state/world.ts'
import { keyFor } from '../steps-make.ts'
import { mainSlot, objectOf } from './foreign-object.ts'
import { fillsOf, fitsSlot } from './object-writes.ts'

const tries = 4

/** An object that was made, as lists show it: several of them may tell several of its members. */
async function listedOf(
  world: World,
  made: MadeObject,
): Promise<{ readonly leaves: readonly Leaf[]; readonly read: Exchange } | undefined> {
  const leaves: Leaf[] = []
  let read: Exchange | undefined
  let tried = 0
  for (const identity of world.identities)
    for (const { operation, call } of world.views(identity)) {
      if (tried >= tries || !operation.reads || operation.slots.some(({ required }) => required)) continue
      tried += 1
      const exchange = await world.session.call(identity, call)
      const object = isYes(exchange.reply)
        ? objectWith(jsonOf(exchange.reply), String(made.id.value), 0)
        : undefined
      if (object === undefined) continue
      read = exchange
      leaves.push(...leavesOf(object))
    }
  return read === undefined ? undefined : { leaves, read }
}

/** The innermost object that has a value among its own members. */
function objectWith(value: unknown, sought: string, depth: number): unknown {
  if (depth > 8 || typeof value !== 'object' || value === null) return undefined
  for (const child of Object.values(value)) {
    const found = objectWith(child, sought, depth + 1)
    if (found !== undefined) return found
  }
  return isObject(value) && Object.values(value).some((one) => String(one) === sought) ? value : undefined
}

/** The object as it is read afterwards; its own reply where nothing reads it. */
export async function shownOf(
  world: World,
  made: MadeObject,
): Promise<{ readonly leaves: readonly Leaf[]; readonly read: Exchange | undefined }> {
  const readers = world.operations.filter((one) => {
    const main = mainSlot(one)
    return (
      one.declared.method === 'GET' &&
      !one.staff &&
      main?.place.startsWith('path.') === true &&
      fitsSlot(world, made, one, main)
    )
  })
  for (const reader of readers) {
    const main = mainSlot(reader)
    const fills = new Map(fillsOf(reader, made))
    if (main !== undefined) fills.set(main.place, keyFor(main.name, made.call, made.id))
    const call = world.build(reader, fills)
    if (call === undefined) continue
    for (const who of [made.owner, ...world.identities.filter((one) => one !== made.owner)]) {
      const exchange = await world.session.call(who, call)
      const value = objectOf(exchange)
      if (!isYes(exchange.reply) || !isObject(value)) continue
      // Of accounts a list may show more than the one that reads a single one.
      const listed = made.operation.signUp ? await listedOf(world, made) : undefined
      return { leaves: [...leavesOf(value), ...(listed?.leaves ?? [])], read: exchange }
    }
  }
  const listed = await listedOf(world, made)
  return listed ?? { leaves: leavesOf(jsonOf(made.exchange.reply)), read: undefined }
}
