import { wordsOf } from '../../contract/objects/noun.ts'
import { isObject, own } from '../../contract/schema.ts'
import type { Identity } from '../identity.ts'
import { contractLine, limitLine } from '../policy-line.ts'
import { reportWeakness } from '../report-weakness.ts'
import type { Exchange } from '../session.ts'
import { isYes, jsonOf } from '../state/reply-facts.ts'
import type { World } from '../state/world.ts'
import { callsFor, keep } from '../steps-make.ts'
import { isPageSizeName } from '../words.ts'
import { isHeldUp } from './held-up.ts'
import { checkSignIns } from './sign-in-limits.ts'

const burst = 300
const together = 15
const repeats = 12

/** API4, API6 and API2: how often and how much. Bursts come last: they use up what limits there are. */
export async function checkLimits(world: World): Promise<void> {
  await checkPages(world)
  if (world.session.write) await checkSignIns(world)
  const limited = await checkRate(world)
  if (world.session.write && !limited) await checkFlows(world)
}

/** True where something held the burst, or anything before it, up. */
async function checkRate(world: World): Promise<boolean> {
  if (world.session.throttledReads > 0) return true
  const identity = world.identities.find((one) => !one.privileged && world.views(one).length > 0)
  const [view] = (identity === undefined ? [] : [...world.views(identity)])
    .filter(({ operation, exchange }) => operation.reads && !exchange.reply.cut)
    .sort((a, b) => a.exchange.reply.text.length - b.exchange.reply.text.length)
  if (identity === undefined || view === undefined) return false
  const exchanges: Exchange[] = []
  for (let sent = 0; sent < burst; sent += together) {
    const options = { throttled: true, burst: true }
    const round = await Promise.all(
      Array.from({ length: together }, () => world.session.call(identity, view.call, options)),
    )
    exchanges.push(...round)
    if (round.some(isHeldUp)) return true
  }
  const good = exchanges.filter(({ reply }) => isYes(reply)).length
  const [first] = exchanges
  if (first === undefined || good < burst * 0.95) return false
  reportWeakness(world, {
    rule: 'limit.rate',
    operation: undefined,
    detail: '',
    message: `${burst} calls of ${identity.name} in a row, none held up (${view.operation.title})`,
    confidence: 'firm',
    policy: limitLine(undefined, 'caller', '100/min'),
    steps: [[`the first of ${burst}`, first]],
  })
  return false
}

/** More on a page than the contract lets a caller ask for. */
async function checkPages(world: World): Promise<void> {
  for (const operation of world.operations) {
    if (operation.declared.method !== 'GET') continue
    const one = operation.declared.parameters.find(
      ({ in: place, name }) => place === 'query' && isPageSizeName(name),
    )
    const identity = world.identities.find((who) => world.viewsOf(who, operation).length > 0)
    const view = identity === undefined ? undefined : world.viewsOf(identity, operation)[0]
    if (one === undefined || view === undefined) continue
    const schema = world.contract.resolve(one.schema)
    const declared = isObject(schema) ? own(schema, 'maximum') : undefined
    const most = typeof declared === 'number' ? declared : undefined
    const ask = (value: number): Promise<Exchange> =>
      world.session.call(identity, {
        ...view.call,
        query: [...view.call.query.filter(([name]) => name !== one.name), [one.name, String(value)]],
      })
    const large = await ask(1_000_000)
    if (!isYes(large.reply)) continue
    const items = countItems(large)
    if (items <= (most ?? 1000)) continue
    const small = await ask(1)
    reportWeakness(world, {
      rule: 'limit.page',
      operation,
      detail: one.name,
      message: `query.${one.name}: a page of a million is granted; ${items} came${most === undefined ? '' : `, the contract allows ${most}`}`,
      confidence: 'certain',
      policy: contractLine(`maximum of ${one.name}; controls: { schema: enforce }`),
      steps: [
        ['a page of one', small],
        ['a page of a million', large],
      ],
    })
  }
}

function countItems({ reply }: Exchange): number {
  const value = jsonOf(reply)
  const lists = Array.isArray(value)
    ? [value]
    : isObject(value)
      ? Object.values(value).filter((one) => Array.isArray(one))
      : []
  return Math.max(0, ...lists.map((one) => (Array.isArray(one) ? one.length : 0)))
}

const sensitive =
  /\b(?:orders?|checkout|purchases?|payments?|bookings?|reservations?|coupons?|vouchers?|redeem|invites?|referrals?|transfers?|tickets?|otp|sms|votes?)\b/

/** API6: a flow that costs or promises something, as fast as a machine can. */
async function checkFlows(world: World): Promise<void> {
  for (const operation of world.operations) {
    if (operation.declared.method !== 'POST' || operation.staff || operation.signIn || operation.signUp)
      continue
    if (!sensitive.test(wordsOf(`${operation.declared.id} ${operation.collection}`).join(' '))) continue
    const identity: Identity | undefined = world.made.find((one) => one.operation === operation)?.owner
    if (identity === undefined) continue
    const done: Exchange[] = []
    for (let n = 0; n < repeats; n++) {
      const [call] = callsFor(world, operation, identity)
      const full =
        world.made.find((one) => one.operation === operation && one.owner === identity)?.call ?? call
      if (full === undefined) break
      const exchange = await world.session.call(identity, full, { throttled: true, burst: true })
      if (isYes(exchange.reply)) keep(world, operation, identity, full, exchange)
      else break
      done.push(exchange)
    }
    const [first] = done
    if (done.length < repeats || first === undefined) continue
    reportWeakness(world, {
      rule: 'flow.unlimited',
      operation,
      detail: '',
      message: `${identity.name} does it ${repeats} times in a row`,
      confidence: 'firm',
      policy: limitLine(operation, 'caller', '5/min'),
      steps: [[`the first of ${repeats}`, first]],
    })
  }
}
