import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { handClock, limitWith, limitRule as rule } from '../../../test/support/limit-with.ts'
import {
  type CallParts,
  makeCall,
  makeInspected,
  makeOperation,
  makePrincipal,
} from '../../../test/support/make-call.ts'
import type { Authorized } from '../../kernel/facts.ts'
import { emptyGrant } from '../../kernel/grant.ts'
import { anonymous } from '../../kernel/principal.ts'
import { type Denial, isDenied } from '../../kernel/verdict.ts'
import type { Admission, Limit } from './create-limit.ts'
import type { Amount, LimitRule } from './options.ts'
import { Tallies } from './tally.ts'

const read = makeOperation(0, 'GET /trips')
const order = makeOperation(1, 'POST /orders', { hasBody: true })
const operations = [read, order]

const headCall = (parts: CallParts = {}): Authorized => ({ ...makeCall(read, parts), grant: emptyGrant })
const bodyCall = (body: unknown, parts: CallParts = {}) => makeInspected(makeCall(order, parts), body)
const plan = (name: string) => makePrincipal('1', { claims: { plan: name } })

function now<T>(outcome: T | Promise<T>): T {
  assert.ok(!(outcome instanceof Promise), 'answered later')
  return outcome
}
const run = (limit: Limit, parts: CallParts = {}): Admission | Denial => now(limit.run(headCall(parts)))
const passes = (limit: Limit, parts: CallParts = {}): boolean => !isDenied(run(limit, parts))
function admission(outcome: Admission | Denial): Admission {
  assert.ok(!isDenied(outcome), 'was refused')
  return outcome
}
function refusal(outcome: Admission | Denial): Denial {
  assert.ok(isDenied(outcome), 'was admitted')
  return outcome
}
function field(outcome: Admission | Denial, name: string): string | undefined {
  const fields = isDenied(outcome) ? (outcome.fields ?? []) : outcome.limitFields
  const at = fields.indexOf(name)
  return at < 0 ? undefined : fields[at + 1]
}
const count = (limit: Limit, calls: number, parts: CallParts = {}): number =>
  Array.from({ length: calls }, () => passes(limit, parts)).filter(Boolean).length

const perMinute = (calls: number): Amount => ({
  kind: 'rate',
  spec: { rate: calls, windowMs: 60_000, burst: calls },
})
const window: Amount = { kind: 'window', spec: { quota: 3, windowMs: 60_000 } }
const daily: Amount = { kind: 'quota', spec: { quota: 3, period: 'day' } }

describe('kinds of limits', () => {
  it('a sliding window: fields, the call too many, and what comes back when', () => {
    const clock = handClock()
    const limit = limitWith(operations, [rule({ amount: window })], { clock })
    const first = run(limit)
    assert.equal(field(first, 'RateLimit-Policy'), '"default";q=3;w=60')
    assert.match(field(first, 'RateLimit') ?? '', /^"default";r=2;t=6[0-4]$/)
    assert.equal(count(limit, 10), 2)
    const refused = refusal(run(limit))
    assert.equal(refused.code, 'LIMIT_RATE')
    const retry = Number(field(refused, 'Retry-After'))
    assert.ok(retry >= 60 && retry <= 64)
    assert.match(field(refused, 'RateLimit') ?? '', new RegExp(`^"default";r=0;t=${retry}$`))
    clock.steady += retry * 1000
    assert.equal(count(limit, 10), 3)
  })

  it('a quota of a day: until midnight UTC', () => {
    const limit = limitWith(operations, [rule({ amount: daily })])
    const first = run(limit)
    assert.equal(field(first, 'RateLimit-Policy'), '"default";q=3;w=86400')
    assert.equal(field(first, 'RateLimit'), '"default";r=2;t=86400')
    assert.equal(count(limit, 10), 2)
    assert.equal(field(refusal(run(limit)), 'Retry-After'), '86400')
  })

  it('a quota of a month says how long this month is', () => {
    const limit = limitWith(operations, [
      rule({ amount: { kind: 'quota', spec: { quota: 3, period: 'month' } } }),
    ])
    assert.equal(field(run(limit), 'RateLimit-Policy'), '"default";q=3;w=2592000')
  })

  it('calls at once: 503 LIMIT_OVERLOAD beyond, and each that ends makes room for one', () => {
    const limit = limitWith(operations, [rule({ amount: { kind: 'concurrent', most: 2 } })])
    const first = admission(run(limit))
    assert.equal(field(first, 'RateLimit-Policy'), '"default";q=2;qu="concurrent-requests"')
    assert.equal(field(first, 'RateLimit'), '"default";r=1')
    const second = admission(run(limit))
    const refused = refusal(run(limit))
    assert.equal(refused.code, 'LIMIT_OVERLOAD')
    assert.equal(field(refused, 'Retry-After'), '1')
    assert.deepEqual(refused.violated, ['default'])
    assert.ok(passes(limit, { principal: makePrincipal('other') }))
    first.settle(200, 10)
    const third = admission(run(limit))
    assert.ok(!passes(limit))
    for (const one of [second, third]) one.settle(500)
    assert.equal(count(limit, 10), 2)
  })

  it('no place is lost in 100,000 calls, refused ones and those that a later rule refuses among them', () => {
    const limit = limitWith(operations, [
      rule({ name: 'places', amount: { kind: 'concurrent', most: 3 } }),
      rule({ name: 'rate', amount: perMinute(50_000) }),
    ])
    const held: Admission[] = []
    for (let i = 0; i < 100_000; i++) {
      const outcome = run(limit)
      if (!isDenied(outcome)) held.push(outcome)
      if (held.length > i % 4) held.shift()?.settle(200)
    }
    for (const one of held) one.settle(200)
    assert.deepEqual(refusal(run(limit)).violated, ['rate'])
    const places = limitWith(operations, [rule({ name: 'places', amount: { kind: 'concurrent', most: 3 } })])
    assert.equal(count(places, 10), 3)
  })

  it('a request id that the caller chooses is no holder of places', () => {
    const limit = limitWith(operations, [rule({ amount: { kind: 'concurrent', most: 2 } })])
    // makeCall gives every call the same id.
    assert.equal(count(limit, 10), 2)
  })

  it('cost: a number, and an expression over the body', () => {
    const fixed = limitWith(operations, [
      rule({ amount: perMinute(10), cost: { calls: 5, place: rule().place } }),
    ])
    assert.equal(count(fixed, 10), 2)
    const perItem = limitWith(operations, [
      rule({
        operations: [1],
        amount: perMinute(10),
        cost: { calls: 'size(body.items)', place: rule().place },
      }),
    ])
    const orders = (body: unknown) => now(perItem.runInput(bodyCall(body)))
    assert.equal(field(orders({ items: [1, 2, 3, 4, 5, 6] }), 'RateLimit')?.split(';t=')[0], '"default";r=4')
    assert.ok(isDenied(orders({ items: [1, 2, 3, 4, 5] })))
    assert.ok(!isDenied(orders({ items: [1, 2, 3, 4] })))
    assert.ok(isDenied(orders({ items: [1] })))
  })

  it('a cost that cannot be told is the whole budget; a negative one gives nothing back', () => {
    const limit = limitWith(operations, [
      rule({ operations: [1], amount: perMinute(10), cost: { calls: 'body.units', place: rule().place } }),
    ])
    const left = (body: unknown, sub: string) =>
      field(now(limit.runInput(bodyCall(body, { principal: makePrincipal(sub) }))), 'RateLimit')?.split(
        ';',
      )[1]
    assert.equal(left({}, 'a'), 'r=0')
    assert.equal(left({ units: 'many' }, 'b'), 'r=0')
    assert.equal(left({ units: 7 }, 'c'), 'r=3')
    assert.equal(left({ units: -1000 }, 'c'), 'r=3')
    assert.equal(left({ units: 2.5 }, 'c'), 'r=0')
  })

  it('reply size: charged when the reply has left, into debt', () => {
    const clock = handClock()
    const limit = limitWith(
      operations,
      [rule({ amount: perMinute(10), cost: { calls: 1, replyBytes: 1000, place: rule().place } })],
      { clock },
    )
    admission(run(limit)).settle(200, 900)
    assert.equal(field(run(limit), 'RateLimit')?.split(';')[1], 'r=8')
    admission(run(limit)).settle(200, 15_000)
    const refused = refusal(run(limit))
    // 17 of 10 are spent: eight come back before one is there.
    assert.equal(field(refused, 'Retry-After'), '48')
    admission(run(limit, { principal: makePrincipal('other') })).settle(200, 1e12)
    clock.steady += 60_000
    assert.ok(!passes(limit, { principal: makePrincipal('other') }))
    clock.steady += 6_000
    assert.ok(passes(limit, { principal: makePrincipal('other') }))
  })

  it('tiers: the first that holds counts, and it stays one budget', () => {
    const limit = limitWith(operations, [
      rule({
        amount: perMinute(2),
        tiers: [
          { when: "caller.claims.plan == 'gold'", amount: perMinute(20), place: rule().place },
          { when: "caller.client == 'partner'", amount: perMinute(5), place: rule().place },
        ],
      }),
    ])
    assert.equal(count(limit, 30, { principal: makePrincipal('free') }), 2)
    assert.equal(count(limit, 30, { principal: makePrincipal('p', { client: 'partner' }) }), 5)
    const gold = run(limit, { principal: plan('gold') })
    assert.equal(field(gold, 'RateLimit-Policy'), '"default";q=20;w=60')
    assert.equal(count(limit, 30, { principal: plan('gold') }), 19)
    // Another token of the same caller in another tier finds the budget spent.
    assert.equal(count(limit, 30, { principal: plan('free') }), 0)
  })

  it('a rule that only watches refuses nobody and shows nothing, and counts what it would have done', () => {
    const tallies = new Tallies()
    const limit = limitWith(
      operations,
      [
        rule({ name: 'watched', amount: perMinute(2), mode: 'observe' }),
        rule({ name: 'places', amount: { kind: 'concurrent', most: 1 }, mode: 'observe' }),
        rule({ name: 'kept', amount: perMinute(100), mode: 'enforce' }),
      ],
      { tallies },
    )
    assert.equal(count(limit, 10), 10)
    assert.equal(field(run(limit), 'RateLimit-Policy'), '"kept";q=100;w=60')
    const of = (name: string) => {
      const { allowed, refused, observed } = tallies.of('travel', name)
      return [allowed, refused, observed]
    }
    assert.deepEqual(of('watched'), [2, 0, 9])
    assert.deepEqual(of('places'), [1, 0, 10])
    assert.deepEqual(of('kept'), [11, 0, 0])
  })

  it('a lock holds for its time once the budget is spent, though the budget refills', () => {
    const clock = handClock()
    const locks: string[] = []
    const limit = limitWith(operations, [rule({ lockMs: 900_000 })], {
      clock,
      locks: {
        lockedMs: () => 0,
        add: (lock) => locks.push(`${lock.api} ${lock.limit} ${lock.durationMs}`),
        follow: () => Promise.resolve(),
        close: () => undefined,
      },
    })
    assert.equal(count(limit, 3), 3)
    const refused = refusal(run(limit))
    assert.equal(refused.code, 'LIMIT_LOCKED')
    assert.equal(field(refused, 'Retry-After'), '900')
    clock.steady += 300_000
    assert.equal(field(refusal(run(limit)), 'Retry-After'), '600')
    clock.steady += 599_000
    assert.equal(refusal(run(limit)).code, 'LIMIT_LOCKED')
    clock.steady += 1000
    assert.ok(passes(limit))
    assert.deepEqual(locks, ['travel default 900000'])
  })

  it('one budget for all, and one for each credential', () => {
    const all = limitWith(operations, [rule({ per: ['api'], amount: perMinute(3) })])
    assert.equal(count(all, 2) + count(all, 5, { principal: makePrincipal('other') }), 3)
    const each = limitWith(operations, [rule({ per: ['credential'], amount: perMinute(1) })])
    const token = (value: string) => ({ fields: ['authorization', `Bearer ${value}`] })
    assert.ok(passes(each, token('a')))
    assert.ok(!passes(each, token('a')))
    assert.ok(passes(each, token('b')))
    assert.ok(passes(each))
    assert.ok(!passes(each))
  })
})

describe('failed authentications', () => {
  const failing = (more: Partial<LimitRule> = {}) =>
    rule({ per: ['ip'], failures: [401], lockMs: 900_000, amount: perMinute(3), ...more })
  const early = (limit: Limit, parts: CallParts = {}) => {
    assert.ok(limit.runEarly !== undefined)
    return now(limit.runEarly(makeCall(read, parts)))
  }

  it('count before anybody is identified where the key needs no caller', () => {
    const limit = limitWith(operations, [failing()])
    for (let i = 0; i < 3; i++) {
      const leave = early(limit)
      assert.ok(typeof leave === 'function')
      leave(401)
    }
    const locked = early(limit)
    assert.ok(isDenied(locked))
    assert.equal(locked.code, 'LIMIT_LOCKED')
    assert.ok(!isDenied(early(limit, { client: '198.51.100.1' })))
    // The rule has spoken: it is not asked again behind.
    assert.deepEqual(admission(run(limit)).limitFields, [])
  })

  it('a success costs nothing, however many there are', () => {
    const limit = limitWith(operations, [failing()])
    for (let i = 0; i < 100; i++) {
      const leave = early(limit)
      assert.ok(typeof leave === 'function')
      leave(i % 50 === 0 ? 401 : 200)
    }
    assert.ok(!isDenied(early(limit)))
  })

  it('1,000 guesses at once are no more than 3: each takes its unit before it is known how it ends', () => {
    const limit = limitWith(operations, [failing()])
    const entered = Array.from({ length: 1000 }, () => early(limit))
    assert.equal(entered.filter((one) => typeof one === 'function').length, 3)
  })

  it('by account: in the body, after the head', () => {
    const limit = limitWith(operations, [failing({ operations: [1], per: ['ip', 'body.username'] })])
    assert.equal(limit.runEarly, undefined)
    const guess = (username: string, status: number): boolean => {
      const outcome = now(limit.runInput(bodyCall({ username }, { principal: anonymous })))
      if (isDenied(outcome)) return false
      outcome.settle(status)
      return true
    }
    for (let i = 0; i < 3; i++) assert.ok(guess('ada', 401))
    assert.ok(!guess('ada', 401))
    assert.ok(!guess('ADA', 200))
    assert.ok(guess('eve', 401))
  })

  it('an operation without such a rule is not asked', () => {
    const limit = limitWith(operations, [rule()])
    assert.equal(limit.runEarly, undefined)
  })
})
