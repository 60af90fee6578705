import { isObject } from '../../contract/schema.ts'
import type { Identity } from '../identity.ts'
import type { Call } from '../plan/build-call.ts'
import type { ProbeOperation } from '../plan/probe-operation.ts'
import { controlLine } from '../policy-line.ts'
import { isOpen, reportWeakness } from '../report-weakness.ts'
import type { Exchange } from '../session.ts'
import { isYes, jsonOf, leavesOf, skeleton } from '../state/reply-facts.ts'
import type { World } from '../state/world.ts'
import { callsFor, keep } from '../steps-make.ts'
import { tryOperators } from './injection-operators.ts'
import { type Place, placesOf } from './injection-places.ts'
import { looksLikeDatabaseError, looksLikeDocumentError } from './injection-signs.ts'
import { tryDelays } from './injection-time.ts'

/** API8: values that become part of a query, a command, a template or a path. */
export async function checkInjection(world: World): Promise<void> {
  const places = readPlaces(world)
  if (world.session.write) places.push(...(await writePlaces(world)))
  // Where every mark is refused before it is looked at, the slow tests are spared.
  const shut = new Set<Place>()
  for (const place of places) {
    const closed = await tryResults(world, place)
    await tryErrors(world, place)
    if (!closed) await tryConditions(world, place)
    await tryOperators(world, place)
    if (closed) shut.add(place)
  }
  for (const place of places) if (!shut.has(place) && world.session.left > 0.35) await tryDelays(world, place)
}

function readPlaces(world: World): Place[] {
  return world.operations.flatMap((operation) => {
    if (operation.declared.method !== 'GET') return []
    const found = reader(world, operation)
    return found === undefined ? [] : [...placesOf(world, operation, found.identity, found.call)]
  })
}

/** Somebody who may read it, and a request that works; where nobody may, one that nobody signs. */
function reader(
  world: World,
  operation: ProbeOperation,
): { readonly identity: Identity | undefined; readonly call: Call } | undefined {
  for (const identity of [...world.identities].sort((a, b) => Number(a.privileged) - Number(b.privileged))) {
    const views = world.viewsOf(identity, operation)
    const best = views.find(({ exchange }) => leavesOf(jsonOf(exchange.reply)).length > 0) ?? views[0]
    if (best !== undefined) return { identity, call: best.call }
  }
  const call = world.build(operation, new Map())
  return call === undefined ? undefined : { identity: operation.open ? undefined : world.identities[0], call }
}

/** Bodies that were accepted when the objects were made, or that would be. */
async function writePlaces(world: World): Promise<Place[]> {
  const places: Place[] = []
  for (const operation of world.operations) {
    if (operation.reads || operation.declared.method === 'DELETE' || operation.declared.body === undefined)
      continue
    if (operation.staff || operation.signUp || operation.credential) continue
    const made = world.made.find((one) => one.operation === operation && !one.gone)
    const identity =
      made?.owner ?? (operation.open ? undefined : world.identities.find((one) => !one.privileged))
    const call = made?.call ?? callsFor(world, operation, identity)[0]
    if (call === undefined) continue
    places.push(...placesOf(world, operation, identity, call))
    if (made === undefined || operation.creates === undefined)
      await tryNames(world, operation, identity, call)
  }
  return places
}

async function send(world: World, place: Place, text: string): Promise<Exchange> {
  const call = place.put(text)
  // A sign-in that is held up is not waited for.
  const exchange = await world.session.call(place.identity, call, { throttled: place.operation.signIn })
  if (!place.operation.reads && place.operation.creates !== undefined && isYes(exchange.reply))
    keep(world, place.operation, place.identity, call, exchange)
  return exchange
}

function found(
  world: World,
  place: Place,
  rule: string,
  message: string,
  steps: readonly (readonly [string, Exchange])[],
): void {
  reportWeakness(world, {
    rule,
    operation: place.operation,
    detail: place.at,
    message: `${place.at}: ${message}`,
    confidence: 'certain',
    policy: controlLine('injection'),
    steps,
  })
}

/** Names of members that become part of a statement. */
async function tryNames(
  world: World,
  operation: ProbeOperation,
  identity: Identity | undefined,
  call: Call,
): Promise<void> {
  if (!isObject(call.body) || !isOpen(world, 'injection.sql', operation, 'body')) return
  const body = call.body
  const named = (name: string): Promise<Exchange> =>
    world.session.call(identity, { ...call, body: { ...body, [name]: 'x' } }, { throttled: operation.signIn })
  const plain = await named(`${world.marker}n`)
  const broken = await named(`${world.marker}n'`)
  if (!looksLikeDatabaseError(broken.reply.text) || looksLikeDatabaseError(plain.reply.text)) return
  reportWeakness(world, {
    rule: 'injection.sql',
    operation,
    detail: 'body',
    message: 'the name of a member becomes part of a query',
    confidence: 'certain',
    policy: controlLine('schema'),
    steps: [
      ['a member that there is not', plain],
      ['its name with a quote', broken],
    ],
  })
}

/** A quote breaks it, two quotes do not. */
async function tryErrors(world: World, place: Place): Promise<void> {
  // Quotes break a shell's command as well.
  if (!isOpen(world, 'injection.command', place.operation, place.at)) return
  const base = await send(world, place, place.value)
  if (looksLikeDatabaseError(base.reply.text)) return
  for (const mark of ["'", '"', '\\']) {
    if (!isOpen(world, 'injection.sql', place.operation, place.at)) return
    const broken = await send(world, place, `${place.value}${mark}`)
    if (
      looksLikeDocumentError(broken.reply.text) &&
      isOpen(world, 'injection.nosql', place.operation, place.at)
    )
      found(world, place, 'injection.nosql', 'a quote breaks the query of a document store', [
        ['a plain value', base],
        ['the value with a quote', broken],
      ])
    // What stands before the program answers 502 to 504.
    const failed = broken.reply.status === 500 && base.reply.status < 500
    if (!looksLikeDatabaseError(broken.reply.text) && !failed) continue
    const mended = await send(world, place, `${place.value}${mark}${mark}`)
    if (looksLikeDatabaseError(mended.reply.text) || mended.reply.status >= 500) {
      if (!looksLikeDatabaseError(broken.reply.text)) continue
    } else if (failed && !looksLikeDatabaseError(broken.reply.text)) {
      // Only a status tells: once more, with another value around it.
      const again = await send(world, place, `zq${mark}`)
      const whole = await send(world, place, `zq${mark}${mark}`)
      if (again.reply.status !== 500 || whole.reply.status >= 500) continue
    }
    found(world, place, 'injection.sql', 'a quote breaks the query', [
      ['a plain value', base],
      [`the value with ${mark}`, broken],
      [`the value with ${mark}${mark}`, mended],
    ])
  }
}

/** A condition, true and false, in the ways that a value may stand in a query. */
const conditions: readonly (readonly [string, (value: string, one: string, other: string) => string])[] = [
  ['and', (value, a, b) => `${value}' AND '${a}'='${b}`],
  ['like', (value, a, b) => `${value}%' AND '${a}'='${b}' AND 'x' LIKE '%x`],
  ['comment', (value, a, b) => `${value}' AND '${a}'='${b}' -- `],
  ['or', (_, a, b) => `zqzq' OR '${a}'='${b}`],
  ['or-like', (_, a, b) => `zqzq%' OR '${a}'='${b}' -- `],
  ['bracket', (_, a, b) => `zqzq') OR ('${a}'='${b}`],
  ['double', (value, a, b) => `${value}" AND "${a}"="${b}`],
  ['number', (value, a, b) => `${/^\d+$/.test(value) ? value : '1'} AND ${a}=${b}`],
  ['number-or', (_, a, b) => `-1 OR ${a}=${b}`],
]

async function tryConditions(world: World, place: Place): Promise<void> {
  if (!place.operation.reads) return
  for (const [name, write] of conditions) {
    if (!isOpen(world, 'injection.sql', place.operation, place.at)) return
    if (name.startsWith('number') && !/^\d*$/.test(place.value)) continue
    const yes = write(place.value, '1', '1')
    const no = write(place.value, '1', '2')
    const one = await send(world, place, yes)
    if (!isYes(one.reply)) continue
    const two = await send(world, place, no)
    if (same(one, two, [yes, no])) continue
    const [yes2, no2] = [write(place.value, '2', '2'), write(place.value, '2', '1')]
    const three = await send(world, place, yes2)
    const four = await send(world, place, no2)
    const words = [yes, no, yes2, no2]
    if (!same(one, three, words) || !same(two, four, words) || size(one) <= size(two)) continue
    found(world, place, 'injection.sql', 'a true and a false condition give different replies, twice', [
      ['a true condition', one],
      ['a false condition', two],
      ['another true one', three],
      ['another false one', four],
    ])
  }
}

function same(one: Exchange, other: Exchange, words: readonly string[]): boolean {
  const spelled = words.flatMap((word) => [word, JSON.stringify(word).slice(1, -1), encodeURIComponent(word)])
  return skeleton(one.reply, spelled) === skeleton(other.reply, spelled)
}

function size({ reply }: Exchange): number {
  const value = jsonOf(reply)
  return isYes(reply) ? (value === undefined ? reply.text.length : leavesOf(value).length) : -1
}

/** Results that only an interpreter makes. Resolves true where everything was refused for its form. */
async function tryResults(world: World, place: Place): Promise<boolean> {
  let closed = true
  const attempt = async (text: string): Promise<Exchange> => {
    const exchange = await send(world, place, text)
    if (![400, 403, 415, 422, 429].includes(exchange.reply.status)) closed = false
    return exchange
  }
  const sums: readonly (readonly [string, string, string])[] = [
    ['injection.command', 'zq; echo zq$((A*191))zq; #', 'zqRzq'],
    ['injection.command', 'zq$(echo zq$((A*191))zq)', 'zqRzq'],
    ['injection.command', 'zq | echo zq$((A*191))zq #', 'zqRzq'],
    ['injection.command', 'zq`echo zq$((A*191))zq`', 'zqRzq'],
    ['injection.command', "zq'; echo zq$((A*191))zq; #", 'zqRzq'],
    ['injection.command', 'zq"; echo zq$((A*191))zq; #', 'zqRzq'],
    ['injection.template', 'zq{{A*191}}zq', 'zqRzq'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of the target's
    ['injection.template', 'zq${A*191}zq', 'zqRzq'],
    ['injection.template', 'zq<%= A*191 %>zq', 'zqRzq'],
    ['injection.template', 'zq#{A*191}zq', 'zqRzq'],
  ]
  for (const [rule, text, sign] of sums) {
    if (!isOpen(world, rule, place.operation, place.at)) continue
    const shown = (factor: number): string => sign.replace('R', String(factor * 191))
    const one = await attempt(text.replace('A', '7'))
    if (!one.reply.text.includes(shown(7))) continue
    const two = await send(world, place, text.replace('A', '11'))
    if (!two.reply.text.includes(shown(11))) continue
    found(world, place, rule, 'the reply has the result of a computation', [
      ['seven times 191', one],
      ['eleven times 191', two],
    ])
  }
  if (!isOpen(world, 'injection.path', place.operation, place.at) || place.numeric) return closed
  for (const text of [
    '../../../../../../../../etc/passwd',
    '/etc/passwd',
    '....//....//....//....//....//etc/passwd',
    '..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd',
  ]) {
    const exchange = await attempt(text)
    if (!/root:[^:\n]{0,20}:0:0:/.test(exchange.reply.text)) continue
    found(world, place, 'injection.path', 'the reply is a file of the operating system', [
      ['a path upwards', exchange],
    ])
    return closed
  }
  return closed
}
