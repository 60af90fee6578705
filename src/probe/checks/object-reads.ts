import { isPersonType } from '../../contract/objects/known-types.ts'
import { isObject } from '../../contract/schema.ts'
import type { Identity } from '../identity.ts'
import type { IdSlot, ProbeOperation } from '../plan/probe-operation.ts'
import { objectLine } from '../policy-line.ts'
import { isOpen, reportWeakness } from '../report-weakness.ts'
import type { Exchange } from '../session.ts'
import { otherId, ownerIn } from '../state/known-id.ts'
import { isYes, jsonOf, leavesOf } from '../state/reply-facts.ts'
import type { View, World } from '../state/world.ts'
import {
  isContactName,
  isPersonalName,
  isPrivateCollection,
  isPublicCollection,
  isSecretName,
} from '../words.ts'
import { askedOf, isForeign, isNo, mainSlot, refill, shares, withoutObject } from './foreign-object.ts'

/** API1: objects of one identity that another one reads, by ids in path, query and header. */
export async function checkObjectReads(world: World): Promise<void> {
  for (const operation of world.operations) {
    if (operation.declared.method !== 'GET') continue
    for (const [owner, other] of pairsOf(world.identities)) {
      if (other.privileged || !isOpen(world, 'bola.read', operation, '')) continue
      if (operation.staff && owner.privileged) continue
      const views = world.viewsOf(owner, operation).filter((view) => isForeign(world, view, owner, other))
      for (const view of views.slice(0, 2)) if (await readForeign(world, view, owner, other)) break
    }
    for (const slot of operation.slots)
      if (!slot.required && !slot.place.startsWith('body/')) await readByOption(world, operation, slot)
  }
  for (const operation of world.operations)
    if (operation.declared.method === 'GET') await checkList(world, operation)
}

/** Every ordered pair of different identities. */
export function pairsOf(
  identities: readonly Identity[],
): readonly (readonly [owner: Identity, other: Identity])[] {
  return identities.flatMap((owner) =>
    identities.filter((other) => other !== owner).map((other) => [owner, other] as const),
  )
}

async function readForeign(world: World, view: View, owner: Identity, other: Identity): Promise<boolean> {
  const { session } = world
  const { operation, call } = view
  const attack = await session.call(other, call)
  if (isNo(attack)) return mixedParents(world, view, owner, other)
  const control = await controlOf(world, view, other)
  const own = world.viewsOf(other, operation).find((one) => !sameFills(one, view))?.exchange
  const fresh = await session.call(owner, call)
  return judge(world, { operation, view, owner, other, fresh, attack, control, own, detail: '' })
}

/** `/users/{mine}/orders/{theirs}`: only the parent is looked at. */
async function mixedParents(world: World, view: View, owner: Identity, other: Identity): Promise<boolean> {
  const { operation } = view
  const main = mainSlot(operation)
  const paths = operation.slots.filter(({ place }) => place.startsWith('path.'))
  const own = world.viewsOf(other, operation)[0]
  if (main === undefined || paths.length < 2) return false
  const fills = new Map(view.fills)
  for (const slot of paths) {
    if (slot === main) continue
    const mine = own?.fills.get(slot.place) ?? world.idsFor(other, slot)[0]?.value
    if (mine !== undefined) fills.set(slot.place, mine)
  }
  const call = refill(world, view, fills)
  if (call === undefined) return false
  const attack = await world.session.call(other, call)
  if (isNo(attack)) return false
  const control = await controlOf(world, { operation, fills, call }, other)
  const fresh = await world.session.call(owner, view.call)
  return judge(world, {
    operation,
    view,
    owner,
    other,
    fresh,
    attack,
    control,
    own: own?.exchange,
    detail: '',
  })
}

interface Trial {
  readonly operation: ProbeOperation
  readonly view: View
  readonly owner: Identity
  readonly other: Identity
  /** The owner's own reply, read again. */
  readonly fresh: Exchange
  readonly attack: Exchange
  readonly control: Exchange | undefined
  /** What the other reads of its own. */
  readonly own: Exchange | undefined
  readonly detail: string
}

async function judge(world: World, trial: Trial): Promise<boolean> {
  const { operation, view, owner, other, fresh, attack, control, own, detail } = trial
  if (!isYes(fresh.reply)) return false
  const asked = askedOf(view.call)
  const got = shares(fresh, attack, [control, own], asked)
  const exact = got.count === 0 && attack.reply.text.length > 2 && attack.reply.text === fresh.reply.text
  const told = control === undefined || isNo(control) || control.reply.text !== attack.reply.text
  if (!told || (got.part < 0.6 && !(exact && control !== undefined && isNo(control)))) return false
  if (!isKeptPrivate(operation, fresh, attack)) return false
  const nobody = await world.session.call(undefined, view.call)
  const open =
    isYes(nobody.reply) &&
    (shares(fresh, nobody, [control], asked).part >= 0.6 || nobody.reply.text === fresh.reply.text)
  if (open && !operation.secured) return false
  const again = await world.session.call(other, view.call)
  if (trial.attack.request.path === again.request.path && isNo(again)) return false
  const slot = view.operation.slots.find(
    ({ place }) => view.fills.has(place) && place === mainSlot(operation)?.place,
  )
  reportWeakness(world, {
    rule: 'bola.read',
    operation,
    detail,
    message: `${other.name} reads what is ${owner.name}'s`,
    confidence: got.count >= 2 && !open ? 'certain' : 'firm',
    policy: objectLine(operation, slot, ownerMember(fresh)),
    steps: [
      [`${owner.name} reads an object of its own`, fresh],
      [`${other.name} reads the same`, attack],
      ...(control === undefined ? [] : [[`${other.name} reads one that there is not`, control] as const]),
      ['the same without a credential', nobody],
    ],
  })
  return true
}

/** Nothing that is written for everybody, and no public face of a person that leaves the private part out. */
function isKeptPrivate(operation: ProbeOperation, fresh: Exchange, attack: Exchange): boolean {
  const [mine, theirs] = [leavesOf(jsonOf(fresh.reply)), leavesOf(jsonOf(attack.reply))]
  const shown = theirs.map(({ name }) => name)
  const main = mainSlot(operation)
  const person =
    main !== undefined &&
    isPersonType(main.type) &&
    /\}\/?(?:profile)?\/?$/i.test(operation.declared.template)
  if (person) return shown.some(isPersonalName)
  // A contact in what is written for everybody is told too much, but the object is nobody's alone.
  if (isPublicCollection(operation.collection)) return shown.some(isSecretName) && shown.length >= mine.length
  return true
}

async function controlOf(
  world: World,
  view: Pick<View, 'operation' | 'fills' | 'call'>,
  other: Identity,
): Promise<Exchange | undefined> {
  const call = withoutObject(world, view)
  return call === undefined ? undefined : world.session.call(other, call)
}

/** `?userId=` of somebody else, where one's own list needs none. */
async function readByOption(world: World, operation: ProbeOperation, slot: IdSlot): Promise<void> {
  for (const [owner, other] of pairsOf(world.identities)) {
    if (other.privileged || !isOpen(world, 'bola.read', operation, slot.place)) continue
    const ids = world
      .idsFor(owner, slot)
      .filter(
        (one) =>
          !world.knows(other, one.value, slot.type) ||
          (isPersonType(slot.type) && world.isOwnedBy(String(one.value), owner, other)),
      )
    const base = world.viewsOf(other, operation)[0]
    if (base === undefined) continue
    let found = false
    for (const { value } of ids.slice(0, 3)) {
      const fills = new Map([...base.fills, [slot.place, value as unknown]])
      const call = refill(world, base, fills)
      const fresh = call === undefined ? undefined : await world.session.call(owner, call)
      if (call === undefined || fresh === undefined || !isYes(fresh.reply)) continue
      const view: View = { operation, fills, call, exchange: fresh }
      const attack = await world.session.call(other, call)
      if (isNo(attack)) break
      const none = refill(world, base, new Map([...fills, [slot.place, otherId(value, world.random)]]))
      const control = none === undefined ? undefined : await world.session.call(other, none)
      const trial = {
        operation,
        view,
        owner,
        other,
        fresh,
        attack,
        control,
        own: base.exchange,
        detail: slot.place,
      }
      found = await judge(world, trial)
      break
    }
    if (found) return
  }
}

/** A list that is the same for everybody, of objects that say whose they are. */
async function checkList(world: World, operation: ProbeOperation): Promise<void> {
  if (operation.open || operation.staff || operation.slots.some(({ required }) => required)) return
  for (const [owner, other] of pairsOf(world.identities)) {
    if (other.privileged || !isOpen(world, 'bola.list', operation, '')) continue
    const [mine, theirs] = [world.viewsOf(owner, operation)[0], world.viewsOf(other, operation)[0]]
    if (mine === undefined || theirs === undefined) continue
    const leaked = objectsIn(jsonOf(theirs.exchange.reply)).filter((one) =>
      world.isOwnedBy(ownerIn(one), owner, other),
    )
    if (leaked.length === 0) continue
    const names = leavesOf(leaked[0]).map(({ name }) => name)
    const kept = isPublicCollection(operation.collection)
      ? names.some(isContactName)
      : isPrivateCollection(operation.collection) || names.some(isPersonalName)
    if (!kept) continue
    const nobody = await world.session.call(undefined, theirs.call)
    if (isYes(nobody.reply) && !operation.secured) continue
    reportWeakness(world, {
      rule: 'bola.list',
      operation,
      detail: '',
      message: `the list that ${other.name} gets has objects of ${owner.name}`,
      confidence: 'firm',
      policy: objectLine(operation, undefined, ownerMember(theirs.exchange)),
      steps: [
        [`${owner.name} reads the list`, mine.exchange],
        [`${other.name} reads the list`, theirs.exchange],
        ['the same without a credential', nobody],
      ],
    })
  }
}

function objectsIn(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (!isObject(value)) return []
  return Object.values(value).flatMap((one) =>
    Array.isArray(one) ? one : isObject(one) ? objectsIn(one) : [],
  )
}

/** The member by which a reply names its owner. */
export function ownerMember(exchange: Exchange): string | undefined {
  const value = jsonOf(exchange.reply)
  const first = Array.isArray(value) ? value[0] : value
  if (!isObject(first)) return undefined
  return Object.keys(first).find((key) => ownerIn({ [key]: first[key] }) !== undefined)
}

function sameFills(one: View, other: View): boolean {
  return JSON.stringify([...one.fills]) === JSON.stringify([...other.fills])
}
