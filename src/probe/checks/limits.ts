import { wordsOf } from '../../contract/objects/noun.ts'
import { isObject, own } from '../../contract/schema.ts'
import type { Identity } from '../identity.ts'
import { type Call, chooseMedia, withMember } from '../plan/build-call.ts'
import type { ProbeOperation } from '../plan/probe-operation.ts'
import { contractLine, limitLine } from '../policy-line.ts'
import { reportWeakness } from '../report-weakness.ts'
import type { Exchange } from '../session.ts'
import { isYes, jsonOf, leavesOf } from '../state/reply-facts.ts'
import type { World } from '../state/world.ts'
import { callsFor, keep } from '../steps-make.ts'
import { isPageSizeName } from '../words.ts'

const burst = 150
const together = 15
const guesses = 30
const repeats = 12

/** API4, API6 and API2: how often and how much. Bursts come last: they use up what limits there are. */
export async function checkLimits(world: World): Promise<void> {
  await checkPages(world)
  if (world.session.write) await checkSignIn(world)
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

function isHeldUp({ reply }: Exchange): boolean {
  return reply.status === 429 || reply.status === 503 || reply.status === 423 || reply.failure !== undefined
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

/** Wrong passwords in a row, for an account of the probe's own where it could make one, else for one that nobody has. */
async function checkSignIn(world: World): Promise<void> {
  for (const operation of world.operations.filter(({ signIn }) => signIn)) {
    const secret = secretMember(operation, world)
    const [base] = callsFor(world, operation, undefined)
    if (secret === undefined || base === undefined) continue
    const account = accountOf(world, operation, base, secret)
    const wrong = (n: number): Call => ({
      ...account,
      body: withMember(account.body, [secret], `wrong-${world.marker}-${n}`),
    })
    const first = await world.session.call(undefined, wrong(0), { throttled: true })
    if (isYes(first.reply) || first.reply.status >= 500 || isHeldUp(first)) continue
    // A body that is not understood is no guess.
    if (
      first.reply.status === 415 ||
      (first.reply.status === 400 &&
        !/credential|password|invalid (?:user|login|email)|incorrect/i.test(first.reply.text))
    )
      continue
    let last = first
    let held = false
    for (let n = 1; n <= guesses && !held; n++) {
      last = await world.session.call(undefined, wrong(n), { throttled: true, burst: true })
      held =
        isHeldUp(last) ||
        last.reply.status === 403 ||
        /too many|locked|captcha|try again later|rate limit/i.test(last.reply.text)
    }
    if (!held)
      reportWeakness(world, {
        rule: 'limit.sign-in',
        operation,
        detail: '',
        message: `${guesses + 1} wrong passwords in a row, none held up`,
        confidence: account === base ? 'firm' : 'certain',
        policy: limitLine(operation, '[ip, body.username]', '5/min'),
        steps: [
          ['the first wrong password', first],
          [`the ${guesses + 1}th`, last],
        ],
      })
    await checkEnumeration(world, operation, account, base, secret)
  }
}

/** The refusal of an account that there is beside that of one that there is not. */
async function checkEnumeration(
  world: World,
  operation: ProbeOperation,
  account: Call,
  nobody: Call,
  secret: string,
): Promise<void> {
  if (account === nobody) return
  const ask = (call: Call, n: number): Promise<Exchange> =>
    world.session.call(
      undefined,
      { ...call, body: withMember(call.body, [secret], `wrong-${world.marker}-e${n}`) },
      { throttled: true },
    )
  const [one, two] = [await ask(account, 1), await ask(nobody, 2)]
  const [three, four] = [await ask(account, 3), await ask(nobody, 4)]
  if ([one, two, three, four].some((each) => isHeldUp(each) || isYes(each.reply))) return
  const words = (call: Call): readonly string[] => leavesOf(call.body).map(({ value }) => String(value))
  const plain = ({ reply }: Exchange, call: Call): string => {
    let text = `${reply.status} ${reply.text}`
    for (const word of words(call)) text = text.split(word).join('§')
    return text.replace(/[0-9a-f-]{16,}/gi, '#').replace(/\d{3,}/g, '#')
  }
  if (plain(one, account) === plain(two, nobody)) return
  if (plain(one, account) !== plain(three, account) || plain(two, nobody) !== plain(four, nobody)) return
  reportWeakness(world, {
    rule: 'auth.enumeration',
    operation,
    detail: '',
    message: 'the refusal tells whether there is such an account',
    confidence: 'certain',
    policy: `${limitLine(operation, '[ip, body.username]', '5/min')}   # makes it slow; only the API can answer both alike`,
    steps: [
      ['an account that there is, wrong password', one],
      ['an account that there is not', two],
    ],
  })
}

function secretMember(operation: ProbeOperation, world: World): string | undefined {
  const schema = world.contract.resolve(chooseMedia(operation.declared.body?.media ?? [])?.schema)
  const properties = isObject(schema) ? own(schema, 'properties') : undefined
  return Object.keys(isObject(properties) ? properties : {}).find((name) =>
    /pass|pwd|secret|pin|code|otp/.test(wordsOf(name).join(' ')),
  )
}

/** The sign-in of an account that the probe made, under the names that the operation has. */
function accountOf(world: World, operation: ProbeOperation, base: Call, secret: string): Call {
  const made = world.made.find((one) => one.operation.signUp && !one.gone)
  if (made === undefined || !isObject(made.call.body) || !isObject(base.body)) return base
  let body: unknown = base.body
  let known = 0
  for (const name of Object.keys(base.body)) {
    const value = own(made.call.body, name)
    if (value === undefined || name === secret) continue
    body = withMember(body, [name], value)
    known += 1
  }
  return known === 0 || operation.declared.body === undefined ? base : { ...base, body }
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
