import { isPersonType } from '../../contract/objects/known-types.ts'
import { isObject } from '../../contract/schema.ts'
import type { Identity } from '../identity.ts'
import type { Call, Fills } from '../plan/build-call.ts'
import type { IdSlot, ProbeOperation } from '../plan/probe-operation.ts'
import type { Exchange } from '../session.ts'
import { otherId, ownerIn } from '../state/known-id.ts'
import { distinctValues, isYes, jsonOf, leavesOf } from '../state/reply-facts.ts'
import type { View, World } from '../state/world.ts'
import {
  isContactName,
  isPersonalName,
  isPrivateCollection,
  isPublicCollection,
  isSecretName,
} from '../words.ts'

/** The slot that names the object: the last of the path, else the first. */
export function mainSlot(operation: ProbeOperation): IdSlot | undefined {
  return operation.slots.findLast((slot) => slot.place.startsWith('path.')) ?? operation.slots[0]
}

/** True where the object that a view shows is its reader's, and nothing gave it to the other. */
export function isForeign(world: World, view: View, owner: Identity, other: Identity): boolean {
  const slots = view.operation.slots.filter((slot) => view.fills.has(slot.place))
  const main = slots.findLast((slot) => slot.place.startsWith('path.')) ?? slots[0]
  if (main === undefined || view.guessed === true) return false
  const value = view.fills.get(main.place) as string | number
  const whose = world.known(owner, value)?.owner ?? ownerIn(objectOf(view.exchange))
  // A list for everybody gave its reader what is another's.
  const named = [...world.self(owner)].some((one) => one !== owner.name)
  if (whose !== undefined && named && !world.self(owner).has(whose) && !isPersonType(main.type)) return false
  if (!world.knows(other, value)) return true
  if (isPersonType(main.type) && world.isOwnedBy(String(value), owner, other)) return true
  const parent = slots.find((slot) => slot !== main && isPersonType(slot.type))
  if (parent !== undefined && !world.knows(other, view.fills.get(parent.place) as string)) return true
  // Both were given the id. It is the owner's where the object says so and it is nothing for everybody.
  return world.isOwnedBy(whose, owner, other) && isPrivate(view.operation, view.exchange)
}

/** The object in a reply, out of its envelope. */
export function objectOf({ reply }: Exchange): unknown {
  const value = jsonOf(reply)
  if (!isObject(value)) return value
  const inside = Object.values(value).filter(isObject)
  return ownerIn(value) === undefined && inside.length === 1 ? inside[0] : value
}

/** True where an object is of a kind that people keep to themselves. */
export function isPrivate(operation: ProbeOperation, { reply }: Exchange): boolean {
  const names = leavesOf(jsonOf(reply)).map(({ name }) => name)
  if (names.some(isSecretName)) return true
  if (isPublicCollection(operation.collection)) return names.some(isContactName)
  const main = mainSlot(operation)
  if (
    main !== undefined &&
    isPersonType(main.type) &&
    operation.collection !== '' &&
    main.place.startsWith('path.')
  )
    return names.some(isPersonalName) || !endsWithPerson(operation)
  return isPrivateCollection(operation.collection) || names.some(isPersonalName)
}

/** `/users/{id}`, but not `/users/{id}/orders`. */
function endsWithPerson({ declared }: ProbeOperation): boolean {
  return /\}\/?(?:profile)?\/?$/i.test(declared.template)
}

/** The same request with ids that nobody has. */
export function withoutObject(
  world: World,
  view: Pick<View, 'operation' | 'fills' | 'call'>,
): Call | undefined {
  const main = mainSlot(view.operation)
  const slots = view.operation.slots.filter((slot) => view.fills.has(slot.place))
  const replaced = main !== undefined && view.fills.has(main.place) ? main : slots[0]
  if (replaced === undefined) return undefined
  const fills = new Map(view.fills)
  fills.set(replaced.place, otherId(view.fills.get(replaced.place) as string, world.random))
  return refill(world, view, fills)
}

/** A call of a view with other ids, everything else as it was. */
export function refill(world: World, view: Pick<View, 'operation' | 'call'>, fills: Fills): Call | undefined {
  const built = world.build(view.operation, fills)
  if (built === undefined) return undefined
  return { ...built, query: mergeQuery(view.call, built, fills) }
}

function mergeQuery(old: Call, built: Call, fills: Fills): Call['query'] {
  const names = new Set(built.query.map(([name]) => name))
  return [
    ...built.query.map(
      ([name, value]) =>
        [
          name,
          fills.has(`query.${name}`) ? value : (old.query.find(([one]) => one === name)?.[1] ?? value),
        ] as const,
    ),
    ...old.query.filter(([name]) => !names.has(name)),
  ]
}

export interface Sameness {
  /** Of the owner's own values in the other's reply, 0 to 1. */
  readonly part: number
  /** How many there are. */
  readonly count: number
}

/** How much of what only the owner's object has is in another reply. */
export function shares(
  owner: Exchange,
  other: Exchange,
  without: readonly (Exchange | undefined)[],
  asked: readonly string[],
): Sameness {
  const common = new Set(asked)
  for (const one of without)
    if (one !== undefined) for (const value of distinctValues(one.reply)) common.add(value)
  const own = [...distinctValues(owner.reply)].filter((value) => !common.has(value))
  if (own.length === 0) return { part: 0, count: 0 }
  const theirs = distinctValues(other.reply)
  return { part: own.filter((value) => theirs.has(value)).length / own.length, count: own.length }
}

/** Texts of a request that a reply may only repeat. */
export function askedOf(call: Call): readonly string[] {
  return [...call.path.values(), ...call.query.map(([, value]) => value)]
}

/** A reply that gives nothing away: refused, or empty. */
export function isNo({ reply }: Exchange): boolean {
  return !isYes(reply)
}
