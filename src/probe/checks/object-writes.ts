import { sameKind } from '../../contract/objects/id-name.ts'
import { flat } from '../../contract/objects/known-types.ts'
import { isObject, type JsonObject, own } from '../../contract/schema.ts'
import type { Identity } from '../identity.ts'
import { bodyMembers, type Call, chooseMedia, type Fills, pathOf } from '../plan/build-call.ts'
import type { IdSlot, ProbeOperation } from '../plan/probe-operation.ts'
import { authLine, objectLine } from '../policy-line.ts'
import { isOpen, reportWeakness } from '../report-weakness.ts'
import type { Exchange } from '../session.ts'
import { isYes, jsonOf, leavesOf } from '../state/reply-facts.ts'
import type { MadeObject, World } from '../state/world.ts'
import { keyFor, makeOne } from '../steps-make.ts'
import { type Change, changeFor } from './change-for.ts'
import { mainSlot, objectOf } from './foreign-object.ts'
import { ownerMember, pairsOf } from './object-reads.ts'

/** An object of an identity, and how it is read. */
export interface Held {
  readonly owner: Identity
  readonly fills: Fills
  readonly read: Call
  readonly before: Exchange
  /** Undefined where the probe did not make it. */
  readonly made: MadeObject | undefined
}

/** API1, API2: changes and deletions of objects that are another's, and by nobody at all. */
export async function checkObjectWrites(world: World): Promise<void> {
  for (const operation of world.operations) {
    const { method } = operation.declared
    if (operation.staff || operation.open) continue
    if (method === 'PUT' || method === 'PATCH') await changes(world, operation)
    else if (method === 'DELETE') await deletions(world, operation)
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
  const change = isYes(before.reply) ? changeFor(world, operation, held.fills, before) : undefined
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
function backCall(world: World, operation: ProbeOperation, { fills, before }: Held): Call | undefined {
  const call = world.build(operation, fills, { full: true })
  const object = objectOf(before)
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
  if (view === undefined) return undefined
  return readHeld(world, operation, owner, view.fills, undefined)
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

function anyReader(world: World, made: MadeObject): ProbeOperation | undefined {
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

async function deletions(world: World, operation: ProbeOperation): Promise<void> {
  const main = mainSlot(operation)
  if (main === undefined) return
  for (const [owner, other] of [
    ...pairsOf(world.identities),
    ...world.identities.map((one) => [one, undefined] as const),
  ]) {
    const rule = other === undefined ? 'auth.missing' : 'bola.delete'
    if (other?.privileged === true || !isOpen(world, rule, operation, '')) continue
    if (other === undefined && !operation.secured) continue
    const maker = world.made.find(
      (one) => one.owner === owner && fitsSlot(world, one, operation, main),
    )?.operation
    const made = maker === undefined ? undefined : await makeOne(world, maker, owner)
    if (made === undefined) continue
    const fills = fillsOf(operation, made)
    const call = world.build(operation, fills)
    const reader = anyReader(world, made)
    const read = reader === undefined ? undefined : world.build(reader, fillsOf(reader, made))
    const before = read === undefined ? undefined : await world.session.call(owner, read)
    if (call === undefined || (before !== undefined && !isYes(before.reply))) continue
    const attack = await world.session.call(other, call)
    const after = read === undefined ? undefined : await world.session.call(owner, read)
    const gone =
      after !== undefined
        ? !isYes(after.reply)
        : isYes(attack.reply) && !isYes((await world.session.call(owner, call)).reply)
    if (!gone) continue
    made.gone = true
    world.journal.undone(made.n)
    reportWeakness(world, {
      rule,
      operation,
      detail: '',
      message:
        other === undefined
          ? 'deletes things without a credential'
          : `${other.name} deletes what is ${owner.name}'s`,
      confidence: after === undefined ? 'firm' : 'certain',
      policy:
        other === undefined
          ? authLine(operation)
          : objectLine(operation, main, before === undefined ? undefined : ownerMember(before)),
      steps: [
        ...(before === undefined ? [] : [[`${owner.name} reads its own`, before] as const]),
        [`${other?.name ?? 'nobody'} deletes it`, attack],
        ...(after === undefined ? [] : [[`${owner.name} reads it again`, after] as const]),
      ],
    })
  }
}
