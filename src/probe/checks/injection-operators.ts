import { withMember } from '../plan/build-call.ts'
import { controlLine } from '../policy-line.ts'
import { isOpen, reportWeakness } from '../report-weakness.ts'
import type { Exchange } from '../session.ts'
import { isYes, jsonOf, leavesOf } from '../state/reply-facts.ts'
import type { World } from '../state/world.ts'
import type { Place } from './injection-places.ts'

/** Operators of a document store in the place of a value: `name[$ne]=x` in a query, `{ "name": { "$ne": "x" } }` in a body. */
export async function tryOperators(world: World, place: Place): Promise<void> {
  if (!isOpen(world, 'injection.nosql', place.operation, place.at)) return
  if (place.at.startsWith('query.')) await inQuery(world, place)
  // What makes or changes an object may keep whatever it is given; only what asks tells anything.
  else if (place.at.startsWith('body/') && place.operation.creates === undefined && !place.operation.signIn)
    await inBody(world, place)
}

const operators = (marker: string): readonly (readonly [string, string])[] => [
  ['$ne', marker],
  ['$gt', ''],
  ['$regex', '.*'],
]

/** `name[$ne]=x`, which a parser makes an object of. */
async function inQuery(world: World, place: Place): Promise<void> {
  const ask = (name: string, value: string): Promise<Exchange> => {
    const call = place.put('')
    const query = [...call.query.filter(([one]) => one !== place.name), [name, value] as const]
    return world.session.call(place.identity, { ...call, query })
  }
  const nothing = await ask(place.name, world.marker)
  for (const [operator, value] of operators(world.marker)) {
    const exchange = await ask(`${place.name}[${operator}]`, value)
    if (!isYes(exchange.reply) || size(exchange) <= Math.max(size(nothing), 0)) continue
    // A server that passes over strange names gives the same to an operator that there is not.
    const strange = await ask(`${place.name}[$zq]`, value)
    if (size(strange) >= size(exchange)) continue
    found(world, place, operator, [nothing, exchange, strange])
    return
  }
}

async function inBody(world: World, place: Place): Promise<void> {
  const ask = (value: unknown): Promise<Exchange> => {
    const call = place.put('')
    return world.session.call(place.identity, { ...call, body: withMember(call.body, [place.name], value) })
  }
  const nothing = await ask(world.marker)
  if (isYes(nothing.reply)) return
  for (const [operator, value] of operators(world.marker)) {
    const exchange = await ask({ [operator]: value })
    if (!isYes(exchange.reply) || size(exchange) <= 0) continue
    const strange = await ask({ zq: value })
    if (isYes(strange.reply)) return
    const again = await ask({ [operator]: value })
    if (!isYes(again.reply)) continue
    found(world, place, operator, [nothing, exchange, strange])
    return
  }
}

function found(
  world: World,
  place: Place,
  operator: string,
  [nothing, exchange, strange]: readonly [Exchange, Exchange, Exchange],
): void {
  reportWeakness(world, {
    rule: 'injection.nosql',
    operation: place.operation,
    detail: place.at,
    message: `${place.at}: the operator ${operator} reaches the database`,
    confidence: 'certain',
    policy: controlLine('injection'),
    steps: [
      ['a value that nothing has', nothing],
      [`the operator ${operator}`, exchange],
      ['an operator that there is not', strange],
    ],
  })
}

/** How much a reply holds; -1 where it says no. */
function size({ reply }: Exchange): number {
  const value = jsonOf(reply)
  return isYes(reply) ? (value === undefined ? reply.text.length : leavesOf(value).length) : -1
}
