import { isPersonType } from '../../contract/objects/known-types.ts'
import { isObject } from '../../contract/schema.ts'
import type { Identity } from '../identity.ts'
import { type Call, withMember } from '../plan/build-call.ts'
import type { IdSlot, ProbeOperation } from '../plan/probe-operation.ts'
import { authLine, functionLine, objectLine } from '../policy-line.ts'
import { isOpen, reportWeakness } from '../report-weakness.ts'
import type { Exchange } from '../session.ts'
import { type KnownId, otherId } from '../state/known-id.ts'
import { hasContent, isYes } from '../state/reply-facts.ts'
import type { World } from '../state/world.ts'
import { callsFor, keep } from '../steps-make.ts'
import { isPublicCollection } from '../words.ts'
import { shares } from './foreign-object.ts'
import { missingScopes, reportScope } from './functions.ts'
import { fillsOf, fitsSlot } from './held-object.ts'
import { pairsOf } from './object-reads.ts'

/** API1, API2: calls that name somebody else's object in path, query or body; and calls without a credential or a scope. */
export async function checkForeignActs(world: World): Promise<void> {
  for (const operation of world.operations) {
    const { method } = operation.declared
    if (
      operation.reads ||
      method === 'DELETE' ||
      operation.staff ||
      operation.signIn ||
      operation.signUp ||
      operation.open
    )
      continue
    if (method === 'POST' || operation.creates !== undefined) await withoutRight(world, operation)
    if (method === 'POST') for (const slot of operation.slots) await onForeign(world, operation, slot)
  }
}

/** The same call by nobody, and by somebody whose token lacks the scope. */
async function withoutRight(world: World, operation: ProbeOperation): Promise<void> {
  const base = world.made.find((one) => one.operation === operation && one.owner !== undefined)
  const who = base?.owner ?? world.identities.find((one) => !one.privileged)
  if (who === undefined || !operation.secured) return
  const call = base?.call ?? callsFor(world, operation, who)[0]
  if (call === undefined) return
  const truth = await send(world, operation, who, call)
  if (!isYes(truth.reply)) return
  const missing = missingScopes(operation, who)
  if (missing.length > 0) reportScope(world, operation, who, missing, truth)
  if (!isOpen(world, 'auth.missing', operation, '')) return
  const nobody = await send(world, operation, undefined, call)
  if (!isYes(nobody.reply)) return
  reportWeakness(world, {
    rule: 'auth.missing',
    operation,
    detail: '',
    message: 'is done without a credential',
    confidence: hasContent(nobody.reply) || !hasContent(truth.reply) ? 'certain' : 'firm',
    policy: authLine(operation),
    steps: [
      [`${who.name} calls`, truth],
      ['the same without a credential', nobody],
    ],
  })
}

async function send(
  world: World,
  operation: ProbeOperation,
  who: Identity | undefined,
  call: Call,
): Promise<Exchange> {
  const exchange = await world.session.call(who, call)
  if (isYes(exchange.reply) && operation.creates !== undefined) keep(world, operation, who, call, exchange)
  return exchange
}

/** The id of another in one place of the request, everything else one's own. */
async function onForeign(world: World, operation: ProbeOperation, slot: IdSlot): Promise<void> {
  for (const [owner, other] of pairsOf(world.identities)) {
    if (other.privileged || !isOpen(world, 'bola.act', operation, slot.place)) continue
    const ids = world
      .idsFor(owner, slot)
      .filter((one) => one.own && mayBeUsed(world, operation, slot, one, owner, other))
    const base = callsFor(world, operation, other)[0]
    const ownBase = callsFor(world, operation, owner)[0]
    if (isPublicCollection(slot.type) || base === undefined || ownBase === undefined) continue
    let truth: Exchange | undefined
    let id: KnownId | undefined
    for (const one of ids.slice(0, 3)) {
      truth = await send(world, operation, owner, put(ownBase, slot, one.value))
      id = one
      if (isYes(truth.reply)) break
    }
    if (id === undefined || truth === undefined || !isYes(truth.reply)) continue
    const attack = await send(world, operation, other, put(base, slot, id.value))
    if (!isYes(attack.reply)) continue
    const control = await send(
      world,
      operation,
      other,
      put(base, slot, typed(otherId(id.value, world.random), id.value)),
    )
    const leaked = shares(truth, attack, [control], [])
    if (isYes(control.reply) && !(leaked.count >= 2 && leaked.part >= 0.6)) continue
    reportWeakness(world, {
      rule: isYes(control.reply) ? 'bola.read' : 'bola.act',
      operation,
      detail: slot.place,
      message: `${other.name} does it with ${slot.place} of ${owner.name}`,
      confidence: 'firm',
      policy: objectLine(operation, slot, undefined),
      steps: [
        [`${owner.name} does it with its own`, truth],
        [`${other.name} does it with ${owner.name}'s`, attack],
        [`${other.name} does it with one that there is not`, control],
      ],
    })
    return
  }
}

function typed(text: string, like: string | number): string | number {
  return typeof like === 'number' ? Number(text) : text
}

function put(call: Call, slot: IdSlot, value: string | number): Call {
  const [where = '', ...rest] = slot.place.split('.')
  const name = rest.join('.')
  if (slot.place.startsWith('body/')) {
    if (!isObject(call.body)) return call
    const path = slot.place.slice(5).split('/')
    const last = path.at(-1) === '*' ? path.slice(0, -1) : path
    return { ...call, body: withMember(call.body, last, path.at(-1) === '*' ? [value] : value) }
  }
  if (where === 'path') return { ...call, path: new Map([...call.path, [name, String(value)]]) }
  if (where === 'query')
    return { ...call, query: [...call.query.filter(([one]) => one !== name), [name, String(value)]] }
  return {
    ...call,
    headers: [
      ...call.headers.filter(([one]) => one !== name.toLowerCase()),
      [name.toLowerCase(), String(value)],
    ],
  }
}

/** API5: functions of staff that write, on objects that the probe made, or on the caller itself. Last of all. */
export async function checkStaffWrites(world: World): Promise<void> {
  for (const operation of world.operations) {
    if (operation.reads || !operation.staff || operation.open) continue
    for (const identity of [...world.identities.filter((one) => !one.privileged), undefined]) {
      const rule = identity === undefined ? 'auth.missing' : 'bfla.write'
      if (!isOpen(world, rule, operation, '') || (identity === undefined && !operation.secured)) continue
      await staffWrite(world, operation, identity, rule)
    }
  }
}

async function staffWrite(
  world: World,
  operation: ProbeOperation,
  identity: Identity | undefined,
  rule: string,
): Promise<void> {
  const slots = operation.slots.filter(({ required }) => required)
  const [slot] = slots
  const removing = operation.declared.method === 'DELETE'
  const made =
    slot === undefined
      ? undefined
      : world.made.find((one) => !one.gone && fitsSlot(world, one, operation, slot))
  if (
    slot !== undefined &&
    made === undefined &&
    (removing || identity === undefined || !isPersonType(slot.type))
  )
    return
  const fills =
    made !== undefined
      ? fillsOf(operation, made)
      : new Map<string, unknown>(
          slot === undefined || identity === undefined
            ? []
            : [[slot.place, world.idsFor(identity, slot)[0]?.value]],
        )
  const calls = [world.build(operation, fills), world.build(operation, fills, { full: true })]
  for (const call of calls) {
    if (call === undefined) continue
    const exchange = await send(world, operation, identity, call)
    if (!isYes(exchange.reply)) continue
    if (made !== undefined && removing) {
      made.gone = true
      world.journal.undone(made.n)
    }
    reportWeakness(world, {
      rule,
      operation,
      detail: '',
      message:
        identity === undefined
          ? 'a function of staff is done without a credential'
          : `a function of staff is done for ${identity.name}`,
      confidence: made === undefined ? 'firm' : 'certain',
      policy: functionLine(operation),
      steps: [[`${identity?.name ?? 'nobody'} calls`, exchange]],
    })
    return
  }
}

/** An object of the owner's: itself, or one that the probe made; where the call only asks, any that the other was not given. */
function mayBeUsed(
  world: World,
  { asks }: ProbeOperation,
  { type }: IdSlot,
  id: KnownId,
  owner: Identity,
  other: Identity,
): boolean {
  if (isPersonType(type) && world.isOwnedBy(String(id.value), owner, other)) return true
  if (world.knows(other, id.value)) return false
  return id.made || asks
}
