import { isObject } from '../../contract/schema.ts'
import type { Exchange } from '../session.ts'
import { signInMade } from '../spare-account.ts'
import { isYes, jsonOf, type Leaf, leavesOf } from '../state/reply-facts.ts'
import type { MadeObject, World } from '../state/world.ts'
import { isAboutCaller } from '../steps-discover.ts'
import { keyFor } from '../steps-make.ts'
import { mainSlot, objectOf } from './foreign-object.ts'
import { fillsOf, fitsSlot } from './held-object.ts'
import { objectWith } from './object-with.ts'

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

/** What a registered account reads of itself: `GET /me`. */
async function ownFaceOf(
  world: World,
  made: MadeObject,
): Promise<{ readonly leaves: readonly Leaf[]; readonly read: Exchange } | undefined> {
  const readers = world.operations.filter((one) => one.reads && isAboutCaller(one)).slice(0, 2)
  const identity = readers.length === 0 ? undefined : await signInMade(world, made)
  if (identity === undefined) return undefined
  const leaves: Leaf[] = []
  let read: Exchange | undefined
  for (const reader of readers) {
    const call = world.build(reader, new Map())
    const exchange = call === undefined ? undefined : await world.session.call(identity, call)
    if (exchange === undefined || !isYes(exchange.reply)) continue
    read = exchange
    leaves.push(...leavesOf(jsonOf(exchange.reply)).map((leaf) => ({ ...leaf, path: leaf.path.slice(-2) })))
  }
  return read === undefined ? undefined : { leaves, read }
}

/** The object as it is read afterwards; its own reply where nothing reads it. */
export async function shownOf(
  world: World,
  made: MadeObject,
): Promise<{ readonly leaves: readonly Leaf[]; readonly read: Exchange | undefined }> {
  const face = made.operation.signUp ? await ownFaceOf(world, made) : undefined
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
      return {
        leaves: [...leavesOf(value), ...(face?.leaves ?? []), ...(listed?.leaves ?? [])],
        read: face?.read ?? exchange,
      }
    }
  }
  const listed = await listedOf(world, made)
  if (face !== undefined) return { leaves: [...face.leaves, ...(listed?.leaves ?? [])], read: face.read }
  return listed ?? { leaves: leavesOf(jsonOf(made.exchange.reply)), read: undefined }
}
