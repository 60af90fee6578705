import { sameKind } from '../../contract/objects/id-name.ts'
import { flat } from '../../contract/objects/known-types.ts'
import { wordsOf } from '../../contract/objects/noun.ts'
import { isObject, type JsonObject, own, type Schema } from '../../contract/schema.ts'
import type { Identity } from '../identity.ts'
import { bodyMembers, type Call, chooseMedia } from '../plan/build-call.ts'
import type { ProbeOperation } from '../plan/probe-operation.ts'
import { contractLine, propertyLine } from '../policy-line.ts'
import { isOpen, reportWeakness } from '../report-weakness.ts'
import type { Exchange } from '../session.ts'
import { isYes, leavesOf } from '../state/reply-facts.ts'
import type { World } from '../state/world.ts'
import { callsFor, keep } from '../steps-make.ts'
import { isOwnerName, isPrivilegedName } from '../words.ts'
import { objectOf } from './foreign-object.ts'
import { type Held, holdingOf } from './object-writes.ts'
import { shownOf } from './shown-object.ts'

type Scalar = string | number | boolean

/** A member that callers may not set, and a value that nobody gives by chance. */
interface Extra {
  readonly name: string
  readonly value: Scalar
}

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
    if (operation.staff) continue
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
  const before = leavesOf(objectOf(held.before))
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
    const shown = isYes(after.reply) ? leavesOf(objectOf(after)) : []
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
      if (isYes(back.reply) && !taken(extra, leavesOf(objectOf(again)))) world.journal.undone(n)
    } else world.journal.undone(n)
  }
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
function minimal(world: World, operation: ProbeOperation, { fills, before }: Held): Call | undefined {
  const call = world.build(operation, fills, { full: operation.declared.method === 'PUT' })
  const object = objectOf(before)
  if (call === undefined || !isObject(call.body)) return call
  const body: JsonObject = { ...call.body }
  if (isObject(object))
    for (const name of Object.keys(body)) {
      const old = own(object, name)
      if (old !== undefined && old !== null) body[name] = old
    }
  return { ...call, body }
}

function taken(extra: Extra, leaves: ReturnType<typeof leavesOf>): boolean {
  return leaves.some(
    ({ name, value }) => flat(name) === flat(extra.name) && String(value) === String(extra.value),
  )
}

/** What is tried: members of replies that requests do not have, then the usual ones in the API's own spelling. */
function extrasFor(
  world: World,
  operation: ProbeOperation,
  owner: Identity | undefined,
  leaves: ReturnType<typeof leavesOf>,
): readonly Extra[] {
  const resolve = (one: Schema | undefined): Schema | undefined => world.contract.resolve(one)
  const allowed = new Set<string>()
  for (const [name, schema] of bodyMembers(chooseMedia(operation.declared.body?.media ?? []), resolve)) {
    const node = resolve(schema)
    if (
      !(isObject(node) && own(node, 'readOnly') === true) &&
      !(isObject(schema) && own(schema, 'readOnly') === true)
    )
      allowed.add(flat(name))
  }
  const replies = replyMembers(world, operation)
  const found = new Map<string, Extra>()
  const add = (name: string, sample: unknown, schema: Schema | undefined): void => {
    if (allowed.has(flat(name)) || found.has(flat(name)) || found.size >= 14) return
    const value = valueFor(world, name, sample, resolve(schema), owner)
    if (value !== undefined) found.set(flat(name), { name, value })
  }
  for (const { path, name, value } of leaves)
    if (path.length <= 2 && worth(name)) add(name, value, replies.get(name))
  for (const [name, schema] of replies) if (worth(name)) add(name, undefined, schema)
  const snake = [...leaves.map(({ name }) => name), ...allowed, ...replies.keys()].some((name) =>
    /[a-z]_[a-z]/.test(name),
  )
  const person =
    operation.signUp ||
    sameKind(operation.creates ?? operation.collection, 'user') ||
    /user|profile|account|me$/i.test(operation.collection)
  const usual: readonly (readonly [string, Scalar])[] = person
    ? [
        ['role', 'admin'],
        ['isAdmin', true],
        ['admin', true],
        ['verified', true],
        ['balance', 987654],
        ['credit', 987654],
      ]
    : [
        ['status', 'approved'],
        ['approved', true],
        ['price', 1],
        ['discount', 99],
        ['verified', true],
      ]
  for (const [name, value] of usual) add(snake ? wordsOf(name).join('_') : name, value, undefined)
  return [...found.values()]
}

const worth = (name: string): boolean =>
  isPrivilegedName(name) || isOwnerName(name) || /^(?:created_?(?:at|by)|is_?\w{1,20})$/i.test(name)

/** Members of what an operation replies, by the contract. */
function replyMembers(world: World, { declared }: ProbeOperation): ReadonlyMap<string, Schema | undefined> {
  const response =
    declared.responses.find(({ status }) => /^2/.test(status) && status !== '204') ?? declared.responses[0]
  return bodyMembers(response?.media?.[0], (one) => world.contract.resolve(one))
}

function valueFor(
  world: World,
  name: string,
  sample: unknown,
  node: Schema | undefined,
  owner: Identity | undefined,
): Scalar | undefined {
  if (isOwnerName(name)) {
    const other = world.identities.find((one) => one !== owner)
    const ids = other === undefined ? [] : [...world.self(other)].filter((value) => value !== other.name)
    const like = ids.find(
      (value) => /^\d+$/.test(value) === (typeof sample === 'number' || /^\d+$/.test(String(sample))),
    )
    return like === undefined ? undefined : typeof sample === 'number' ? Number(like) : like
  }
  const options = isObject(node) ? own(node, 'enum') : undefined
  if (Array.isArray(options)) {
    const rest = options.filter((one): one is string => typeof one === 'string' && one !== sample)
    return (
      rest.find((one) => /admin|super|owner|approved|paid|verified|premium|gold/i.test(one)) ?? rest.at(-1)
    )
  }
  if (/^(?:user_?)?roles?$/i.test(name)) return 'admin'
  if (typeof sample === 'boolean') return !sample
  if (typeof sample === 'number') return sample === 987 ? 988 : 987
  const type = isObject(node) ? own(node, 'type') : undefined
  if (type === 'boolean') return true
  if (type === 'integer' || type === 'number') return 987
  if (sample !== undefined && typeof sample !== 'string') return undefined
  if (type === 'object' || type === 'array') return undefined
  if (/created_?at/i.test(name)) return '2001-02-03T04:05:06Z'
  if (/status/i.test(name)) return 'approved'
  return typeof sample === 'string' && /^\d/.test(sample) ? undefined : 'probe-set'
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
        : `${propertyLine(schema, name, 'write')}   # undeclared members are refused by the contract alone`,
    steps,
  })
}
