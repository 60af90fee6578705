import { sameKind } from '../../contract/objects/id-name.ts'
import { flat } from '../../contract/objects/known-types.ts'
import { wordsOf } from '../../contract/objects/noun.ts'
import { isObject, own, type Schema } from '../../contract/schema.ts'
import type { Identity } from '../identity.ts'
import { bodyMembers, chooseMedia } from '../plan/build-call.ts'
import type { ProbeOperation } from '../plan/probe-operation.ts'
import type { leavesOf } from '../state/reply-facts.ts'
import type { World } from '../state/world.ts'
import { isOwnerName, isPrivilegedName } from '../words.ts'

type Scalar = string | number | boolean

/** A member that callers may not set, and a value that nobody gives by chance. */
export interface Extra {
  readonly name: string
  readonly value: Scalar
}

/** True where an object has the value that was sent. */
export function taken(extra: Extra, leaves: ReturnType<typeof leavesOf>): boolean {
  return leaves.some(
    ({ name, value }) =>
      flat(name) === flat(extra.name) &&
      // A database may keep a truth as a number.
      (String(value) === String(extra.value) || (extra.value === true && value === 1)),
  )
}

/** What is tried: members of replies that requests do not have, then the usual ones in the API's own spelling. */
export function extrasFor(
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
  // What the reply to a change has and its request does not: nobody but the API sets it.
  if (operation.creates === undefined)
    for (const [name, schema] of replies)
      if (!plainReply.test(wordsOf(name).join(' '))) add(name, undefined, schema)
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

const flag = /^(?:is \w+|admin|superuser|staff|verified|approved|active|paid|premium)$/

/** Members of any reply: which object, when, how it went. */
const plainReply =
  /(?:^|\b)(?:id|uuid|guid|message|msg|success|ok|error|code|token|url|uri|href|links?|at|on|date|time|timestamp|created|updated|modified|version|count|total|data|result)$/

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
  if ((sample === 0 || sample === 1) && flag.test(wordsOf(name).join(' '))) return sample === 0
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
