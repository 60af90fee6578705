import { sameKind } from '../contract/objects/id-name.ts'
import { flat } from '../contract/objects/known-types.ts'
import { isObject } from '../contract/schema.ts'
import type { Identity } from './identity.ts'
import { type Call, pathOf } from './plan/build-call.ts'
import type { ProbeOperation } from './plan/probe-operation.ts'
import type { Exchange } from './session.ts'
import { idsIn, type KnownId } from './state/known-id.ts'
import { isYes, jsonOf, leavesOf } from './state/reply-facts.ts'
import type { MadeObject, View, World } from './state/world.ts'
import { discoverOne, tryOwnIds } from './steps-discover.ts'
import { isHarmfulWord } from './words.ts'

/** Each identity makes an object of every kind that it can, and everybody reads again what it may. */
export async function makeObjects(world: World): Promise<void> {
  const makers = world.operations.filter(isMaker)
  // What is made below another object needs that one first.
  const inOrder = [...makers].sort(
    (a, b) => a.declared.template.split('/').length - b.declared.template.split('/').length,
  )
  for (const operation of inOrder)
    for (const identity of world.identities) {
      if (operation.signUp || operation.open) continue
      await makeOne(world, operation, identity)
    }
  for (const operation of makers.filter((one) => one.signUp)) await makeOne(world, operation, undefined)
  for (const operation of world.operations.filter(isAct))
    for (const identity of world.identities)
      if (!identity.privileged) await actOnce(world, operation, identity)
  const done = new Set<string>()
  for (const operation of world.operations) {
    if (operation.declared.method !== 'GET') continue
    for (const identity of world.identities) await discoverOne(world, operation, identity, done)
  }
  await tryOwnIds(world)
}

function isMaker({ declared, creates, signIn }: ProbeOperation): boolean {
  return (declared.method === 'POST' || declared.method === 'PUT') && creates !== undefined && !signIn
}

/** A POST that makes nothing by its name, and may all the same: `contactMechanic` files a report. */
function isAct(operation: ProbeOperation): boolean {
  const { declared, asks, staff, open, signIn, signUp, credential } = operation
  if (declared.method !== 'POST' || isMaker(operation) || asks || staff || open || signIn || signUp)
    return false
  return !credential && !isHarmfulWord(declared.template.split('/').at(-1) ?? '')
}

/** Calls it once with an identity's own ids, and learns the ids that it answers with. */
async function actOnce(world: World, operation: ProbeOperation, identity: Identity): Promise<void> {
  const [call] = callsFor(world, operation, identity)
  if (call === undefined) return
  const exchange = await world.session.call(identity, call)
  if (!isYes(exchange.reply)) return
  if (world.learn(identity, { operation, fills: new Map(), call, exchange }, true) === 0) return
  const id = idOfMade(operation, call, exchange)
  world.journal.made({
    operation: operation.title,
    type: operation.collection,
    id: id === undefined ? 'unknown' : String(id.value),
    identity: identity.name,
    undo: undefined,
  })
}

/** Makes an object with an identity's own ids; undefined where the API refuses. */
export async function makeOne(
  world: World,
  operation: ProbeOperation,
  identity: Identity | undefined,
): Promise<MadeObject | undefined> {
  // A name that is taken, perhaps by what an earlier run left: once more with others.
  for (const call of [...callsFor(world, operation, identity), ...callsFor(world, operation, identity)]) {
    const exchange = await world.session.call(identity, call)
    if (isYes(exchange.reply)) return keep(world, operation, identity, call, exchange)
    if (exchange.reply.status === 401 || exchange.reply.status === 403 || exchange.reply.status === 404)
      return undefined
  }
  return undefined
}

/** Requests that may be accepted, the likeliest first. */
export function callsFor(
  world: World,
  operation: ProbeOperation,
  identity: Identity | undefined,
): readonly Call[] {
  const known = (_: string, place: string): unknown => {
    const slot = operation.slots.find((one) => one.place === place)
    if (slot === undefined || identity === undefined) return undefined
    return world.idsFor(identity, slot)[0]?.value
  }
  const fills = new Map<string, unknown>()
  for (const slot of operation.slots) {
    if (slot.place.startsWith('body/') || !slot.required || identity === undefined) continue
    const id = world.idsFor(identity, slot)[0]
    // The last segment of a PUT that makes something is a name of our own.
    if (operation.declared.method === 'PUT' && operation.declared.template.endsWith(`{${slot.name}}`))
      continue
    if (id !== undefined) fills.set(slot.place, id.value)
  }
  const seed = { seed: world.nextSeed() }
  const made = [
    world.build(operation, fills, { known, ...seed }),
    world.build(operation, fills, { known, ...seed, full: true }),
    world.build(operation, fills, { known, ...seed, full: true, examples: false }),
    world.build(operation, fills, { known, ...seed, examples: false }),
  ]
  const seen = new Set<string>()
  return made.filter((one): one is Call => {
    if (one === undefined) return false
    // Where nothing is required an empty body may make something that has no name.
    if (isObject(one.body) && Object.keys(one.body).length === 0 && made[1] !== undefined && one !== made[1])
      return false
    const text = JSON.stringify([one.body, [...one.path], one.query])
    return !seen.has(text) && seen.add(text) !== undefined
  })
}

/** Writes down what was made, before anything else is sent. */
export function keep(
  world: World,
  operation: ProbeOperation,
  identity: Identity | undefined,
  call: Call,
  exchange: Exchange,
): MadeObject | undefined {
  const id = idOfMade(operation, call, exchange)
  const type = operation.creates ?? operation.collection
  const undo = id === undefined ? undefined : undoOf(world, operation, call, id)
  const n = world.journal.made({
    operation: undo?.operation.title ?? operation.title,
    type,
    id: id === undefined ? 'unknown' : String(id.value),
    identity: identity?.name,
    undo: undo === undefined ? undefined : { method: 'DELETE', path: undo.path },
  })
  if (id === undefined) return undefined
  const view: View = { operation, fills: new Map(), call, exchange }
  if (identity !== undefined) {
    world.learn(identity, view, true)
    world.addId(identity, id)
  }
  const object: MadeObject = { type, id, owner: identity, operation, call, exchange, gone: false, n }
  world.made.push(object)
  return object
}

function idOfMade(operation: ProbeOperation, call: Call, { reply }: Exchange): KnownId | undefined {
  const type = operation.creates ?? ''
  const about = { context: call.path, from: operation.title, made: true }
  const value = jsonOf(reply)
  const found = idsIn(value, operation.reply(reply.status), operation.collection, about)
  const own =
    found.find((one) => one.own && sameKind(one.type, type)) ??
    found.find((one) => sameKind(one.type, type)) ??
    found.find((one) => one.own)
  if (own !== undefined) return own
  const location = reply.headers.get('location')?.split(/[?#]/)[0]?.split('/').at(-1)
  if (location !== undefined && location !== '')
    return { type, value: decodeURIComponent(location), name: 'id', own: true, ...about }
  const last = [...call.path].at(-1)
  if (operation.declared.method === 'PUT' && last !== undefined)
    return { type, value: last[1], name: last[0], own: true, ...about }
  // `201` without a body: the name that was sent is its key.
  const names = leavesOf(call.body).find(({ name }) =>
    /^(?:user_?name|name|title|slug|email|code|key|.*_?title)$/i.test(name),
  )
  return isObject(call.body) && names !== undefined && typeof names.value !== 'boolean'
    ? { type, value: names.value, name: names.name, own: true, ...about }
    : undefined
}

/** The DELETE that takes an object away. */
function undoOf(
  world: World,
  operation: ProbeOperation,
  call: Call,
  id: KnownId,
): { readonly operation: ProbeOperation; readonly path: string } | undefined {
  for (const candidate of world.operations) {
    if (candidate.declared.method !== 'DELETE') continue
    const slots = candidate.slots.filter(({ place }) => !place.startsWith('body/'))
    const last = slots.findLast(({ place }) => place.startsWith('path.')) ?? slots[0]
    if (last === undefined || !(sameKind(last.type, id.type) || below(candidate, operation))) continue
    const fills = new Map<string, unknown>([[last.place, keyFor(last.name, call, id)]])
    for (const slot of slots)
      if (slot !== last) fills.set(slot.place, call.path.get(slot.name) ?? id.context.get(slot.name))
    if ([...fills.values()].some((value) => value === undefined)) continue
    const built = world.build(candidate, fills)
    if (built !== undefined) return { operation: candidate, path: pathOf(built, world.session.prefix) }
  }
  return undefined
}

/** The id, or the member of what was sent that the path names it by. */
export function keyFor(name: string, call: Call, id: KnownId): string | number {
  if (flat(name) === flat(id.name)) return id.value
  const sent = leavesOf(call.body).find((leaf) => leaf.path.length === 1 && flat(leaf.name) === flat(name))
  return sent !== undefined && typeof sent.value !== 'boolean' ? sent.value : id.value
}

/** `DELETE /orders/{x}` takes away what `POST /orders` makes. */
function below(one: ProbeOperation, maker: ProbeOperation): boolean {
  const template = maker.declared.template.replace(/\/$/, '')
  return new RegExp(
    `^${template.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/\\\{[^}]*\\\}/g, '[^/]+')}/[^/]+$`,
  ).test(one.declared.template)
}
