import { sameKind } from '../../contract/objects/id-name.ts'
import { isObject, own } from '../../contract/schema.ts'
import type { Identity } from '../identity.ts'
import type { Call, Fills } from '../plan/build-call.ts'
import type { IdSlot, ProbeOperation } from '../plan/probe-operation.ts'
import type { Exchange } from '../session.ts'
import { isYes, jsonOf } from '../state/reply-facts.ts'
import type { MadeObject, World } from '../state/world.ts'
import { keyFor } from '../steps-make.ts'
import { mainSlot, objectOf } from './foreign-object.ts'
import { ownerMember } from './object-reads.ts'
import { objectWith } from './object-with.ts'

/** An object of an identity, and how it is read. */
export interface Held {
  readonly owner: Identity
  readonly fills: Fills
  readonly read: Call
  readonly before: Exchange
  /** Undefined where the probe did not make it. */
  readonly made: MadeObject | undefined
  /** Its id, where it is read in a list. */
  readonly listed?: string
}

/** The object itself in a reply to `held.read`. */
export function heldObject({ listed }: Held, exchange: Exchange): unknown {
  return listed === undefined ? objectOf(exchange) : objectWith(jsonOf(exchange.reply), listed, 0)
}

/** An object of an identity that an operation may be used on: one that the probe made, else one's own. */
export async function holdingOf(
  world: World,
  operation: ProbeOperation,
  owner: Identity,
  onlyMade = false,
): Promise<Held | undefined> {
  const main = mainSlot(operation)
  const made =
    main === undefined
      ? undefined
      : world.made.find((one) => !one.gone && one.owner === owner && fitsSlot(world, one, operation, main))
  if (made !== undefined && main !== undefined) {
    const held = await readHeld(world, operation, owner, fillsOf(operation, made), made)
    if (held !== undefined) return held
  }
  if (onlyMade) return undefined
  const reader = readerOf(world, operation)
  const views =
    reader === undefined ? [] : world.viewsOf(owner, reader).filter(({ guessed }) => guessed !== true)
  const self = world.self(owner)
  const view = views.find(({ fills, exchange }) => {
    const whose = ownerMember(exchange)
    const object = objectOf(exchange)
    const named = whose !== undefined && isObject(object) ? String(own(object, whose)) : undefined
    return (
      named === undefined || self.has(named) || [...fills.values()].some((value) => self.has(String(value)))
    )
  })
  if (view === undefined) return inList(world, operation, owner)
  return readHeld(world, operation, owner, view.fills, undefined)
}

/** An object of one's own that only a list shows. */
async function inList(world: World, operation: ProbeOperation, owner: Identity): Promise<Held | undefined> {
  const main = mainSlot(operation)
  if (main === undefined || readerOf(world, operation) !== undefined) return undefined
  for (const { value, context } of world.idsFor(owner, main).slice(0, 3))
    for (const { operation: list, call } of world.views(owner)) {
      if (!list.reads || list.slots.some(({ required }) => required)) continue
      const before = await world.session.call(owner, call)
      const listed = String(value)
      if (!isYes(before.reply) || !isObject(objectWith(jsonOf(before.reply), listed, 0))) continue
      const fills = new Map<string, unknown>([[main.place, value]])
      for (const slot of operation.slots)
        if (slot !== main && slot.required) fills.set(slot.place, context.get(slot.name))
      if ([...fills.values()].some((one) => one === undefined)) continue
      return { owner, fills, read: call, before, made: undefined, listed }
    }
  return undefined
}

export function fitsSlot(world: World, made: MadeObject, operation: ProbeOperation, slot: IdSlot): boolean {
  if (sameKind(made.type, slot.type) || sameKind(made.id.type, slot.type)) return true
  const template = made.operation.declared.template
  return (
    world.at(operation.declared.method, operation.declared.template) === operation &&
    operation.declared.template.startsWith(`${template}/{`) &&
    operation.declared.template.split('/').length === template.split('/').length + 1
  )
}

/** Ids of an operation for an object that was made. */
export function fillsOf(operation: ProbeOperation, made: MadeObject): Fills {
  const main = mainSlot(operation)
  const fills = new Map<string, unknown>()
  for (const slot of operation.slots) {
    if (slot === main) fills.set(slot.place, keyFor(slot.name, made.call, made.id))
    else if (slot.required) {
      const value = made.call.path.get(slot.name) ?? made.id.context.get(slot.name)
      if (value !== undefined) fills.set(slot.place, value)
    }
  }
  return fills
}

/** The read of the same path. */
function readerOf(world: World, operation: ProbeOperation): ProbeOperation | undefined {
  return world.at('GET', operation.declared.template) ?? parentReader(world, operation)
}

/** `PUT /books/{id}/title` is read at `GET /books/{id}`. */
function parentReader(world: World, { declared }: ProbeOperation): ProbeOperation | undefined {
  const parent = declared.template.replace(/\/[^/{}]+$/, '')
  return parent === declared.template || !parent.includes('{') ? undefined : world.at('GET', parent)
}

async function readHeld(
  world: World,
  operation: ProbeOperation,
  owner: Identity,
  fills: Fills,
  made: MadeObject | undefined,
): Promise<Held | undefined> {
  const reader = readerOf(world, operation) ?? (made === undefined ? undefined : anyReader(world, made))
  if (reader === undefined) return undefined
  const own1 = new Map(fills)
  const main = mainSlot(reader)
  if (main !== undefined && !own1.has(main.place) && made !== undefined) own1.set(main.place, made.id.value)
  const read = world.build(reader, own1)
  if (read === undefined) return undefined
  const before = await world.session.call(owner, read)
  return isYes(before.reply) ? { owner, fills, read, before, made } : undefined
}

export function anyReader(world: World, made: MadeObject): ProbeOperation | undefined {
  return world.operations.find((one) => {
    const main = mainSlot(one)
    return (
      one.declared.method === 'GET' &&
      main !== undefined &&
      main.place.startsWith('path.') &&
      fitsSlot(world, made, one, main)
    )
  })
}
