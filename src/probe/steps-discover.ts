import { isObject } from '../contract/schema.ts'
import type { Identity } from './identity.ts'
import type { Fills } from './plan/build-call.ts'
import type { IdSlot, ProbeOperation } from './plan/probe-operation.ts'
import { idsIn } from './state/known-id.ts'
import { isYes, jsonOf, leavesOf } from './state/reply-facts.ts'
import type { View, World } from './state/world.ts'

const perOperation = 4
const rounds = 3

/**
 * Each identity reads what it may: first operations that need no id, then those whose ids its own replies gave, until nothing new
 * comes. Only an identity's own ids are used: nobody is attacked here.
 */
export async function discover(world: World): Promise<void> {
  const readers = world.operations.filter(({ reads, declared }) => reads && declared.method === 'GET')
  const done = new Set<string>()
  for (let round = 0; round < rounds; round++) {
    let fresh = 0
    for (const operation of [...readers].sort((a, b) => required(a).length - required(b).length))
      for (const identity of world.identities)
        fresh += await discoverOne(world, operation, identity, done, round)
    if (fresh === 0 && round > 1) break
  }
}

/** Reads one operation with the ids that an identity has by now. */
export async function discoverOne(
  world: World,
  operation: ProbeOperation,
  identity: Identity,
  done: Set<string>,
  round = 0,
): Promise<number> {
  let fresh = 0
  const own = fillsFor(world, operation, identity)
  const guessed = own.length === 0 && round > 0
  for (const fills of guessed ? [new Map<string, unknown>()] : own.slice(0, perOperation)) {
    const key = `${identity.name} ${operation.title} ${JSON.stringify([...fills])}`
    if (done.has(key)) continue
    done.add(key)
    const call = world.build(operation, fills, {
      known: (name) => knownValue(world, identity, operation, name),
    })
    if (call === undefined) continue
    const exchange = await world.session.call(identity, call)
    const view: View = { operation, fills, call, exchange, ...(guessed && { guessed }) }
    fresh += world.learn(identity, view)
    if (isAboutCaller(operation) && isYes(exchange.reply)) learnSelf(world, identity, view)
  }
  return fresh
}

const required = ({ slots }: ProbeOperation): readonly IdSlot[] => slots.filter((slot) => slot.required)

/** A value for a parameter that is no id: what a reply had under its name. Ids come from the identity itself. */
function knownValue(world: World, identity: Identity, operation: ProbeOperation, name: string): unknown {
  const slot = operation.slots.find((one) => one.name === name)
  if (slot !== undefined) return world.idsFor(identity, slot)[0]?.value
  return undefined
}

/** The ways to fill the required ids of an operation with an identity's own. */
function fillsFor(world: World, operation: ProbeOperation, identity: Identity): readonly Fills[] {
  const slots = required(operation)
  if (slots.length === 0) return [new Map()]
  // The last id belongs to the deepest object; the request that gave it knows the ids above it.
  const last = slots.findLast((slot) => slot.place.startsWith('path.')) ?? slots.at(-1)
  if (last === undefined) return []
  const found: Fills[] = []
  for (const id of world.idsFor(identity, last).slice(0, perOperation)) {
    const fills = new Map<string, unknown>([[last.place, id.value]])
    for (const slot of slots) {
      if (slot === last) continue
      const value = id.context.get(slot.name) ?? world.idsFor(identity, slot)[0]?.value
      if (value !== undefined) fills.set(slot.place, value)
    }
    if (slots.every((slot) => fills.has(slot.place))) found.push(fills)
  }
  return found
}

/** `GET /me`, `/users/me`, `/profile`: the reply is about the caller. */
export function isAboutCaller({ declared, slots }: ProbeOperation): boolean {
  if (slots.some((slot) => slot.required)) return false
  return /(?:^|\/)(?:me|self|myself|whoami|current|current-?user|current_user|profile|my-?profile|account|my-?account|userinfo|user|dashboard)\/?$/i.test(
    declared.template,
  )
}

function learnSelf(world: World, identity: Identity, { exchange, operation }: View): void {
  const value = jsonOf(exchange.reply)
  const root = inner(value)
  if (!isObject(root)) return
  const about = { context: new Map<string, string>(), from: operation.title, made: false }
  for (const id of idsIn(root, undefined, 'users', about))
    if (id.own || /^(?:user|account|customer|member)$/.test(id.type))
      world.addSelf(identity, String(id.value))
  for (const { path, name, value: leaf } of leavesOf(root))
    if (path.length === 1 && /^(?:user_?name|email|login|handle)$/i.test(name))
      world.addSelf(identity, String(leaf))
}

/** `{ data: {…} }`, `{ user: {…} }` → what is inside. */
function inner(value: unknown): unknown {
  if (!isObject(value)) return value
  const objects = Object.values(value).filter(isObject)
  const scalars = Object.values(value).filter((one) => typeof one !== 'object')
  return objects.length === 1 && scalars.length <= 2 ? objects[0] : value
}

const trials = 12

/**
 * Reads that no identity has an id for by name: each is asked with the ids that the identity has of anything, those that it made
 * first. What answers is its own.
 */
export async function tryOwnIds(world: World): Promise<void> {
  for (const operation of world.operations) {
    const [slot, ...more] = required(operation)
    if (operation.declared.method !== 'GET' || !operation.reads || slot === undefined || more.length > 0)
      continue
    if (world.identities.some((one) => world.viewsOf(one, operation).some(({ guessed }) => guessed !== true)))
      continue
    for (const identity of world.identities) {
      const like = formOf(world, operation, slot)
      const ids = world.idsOf(identity).filter(({ value }) => like.test(String(value)))
      for (const id of ids.slice(0, trials)) {
        const fills = new Map<string, unknown>([[slot.place, id.value]])
        const call = world.build(operation, fills)
        if (call === undefined) continue
        const exchange = await world.session.call(identity, call)
        if (!isYes(exchange.reply)) continue
        world.learn(identity, { operation, fills, call, exchange })
        break
      }
    }
  }
}

/** What an id looks like that the contract takes. */
function formOf(world: World, { declared }: ProbeOperation, { name }: IdSlot): RegExp {
  const node = world.contract.resolve(declared.parameters.find((one) => one.name === name)?.schema)
  if (!isObject(node)) return /./
  if (node['type'] === 'integer' || node['type'] === 'number') return /^\d+$/
  return node['format'] === 'uuid' ? /^[0-9a-f]{8}-[0-9a-f-]{27}$/i : /./
}
