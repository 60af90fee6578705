import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Authorized } from '../../src/kernel/facts.ts'
import { emptyGrant } from '../../src/kernel/grant.ts'
import type { LimitStores } from '../../src/kernel/limit-store.ts'
import { type Denial, isDenied } from '../../src/kernel/verdict.ts'
import { type Admission, createLimit, type Limit } from '../../src/stages/limit/create-limit.ts'
import type { Amount, LimitRule } from '../../src/stages/limit/options.ts'
import { Breaker } from '../../src/stages/limit/overload/breaker.ts'
import { createMemoryPlaceStore } from '../../src/stores/memory/place-store.ts'
import { createMemoryQuotaStore } from '../../src/stores/memory/quota-store.ts'
import { createMemoryRateStore } from '../../src/stores/memory/rate-store.ts'
import { createMemoryWindowStore } from '../../src/stores/memory/window-store.ts'
import { failNthCall } from '../support/fail-nth-call.ts'
import { handClock, limitRule } from '../support/limit-with.ts'
import { makeCall, makeOperation, makePrincipal } from '../support/make-call.ts'

// What went wrong in limits elsewhere, and rows Q04 and Q05 for every kind of limit.

const read = makeOperation(0, 'GET /trips')
const callAt = (sub: string, time = Date.UTC(2026, 10, 24)): Authorized => ({
  ...makeCall(read, { principal: makePrincipal(sub) }),
  grant: emptyGrant,
  time,
})

const kinds: readonly (readonly [keyof LimitStores, Amount])[] = [
  ['rates', { kind: 'rate', spec: { rate: 5, windowMs: 60_000, burst: 5 } }],
  ['windows', { kind: 'window', spec: { quota: 5, windowMs: 60_000 } }],
  ['quotas', { kind: 'quota', spec: { quota: 5, period: 'day' } }],
  ['places', { kind: 'concurrent', most: 5 }],
]

function storesWith(broken?: keyof LimitStores, nth = 1): LimitStores {
  const stores = {
    rates: createMemoryRateStore({ capacity: 64 }),
    windows: createMemoryWindowStore({ capacity: 64 }),
    quotas: createMemoryQuotaStore({ capacity: 64 }),
    places: createMemoryPlaceStore(),
  }
  return broken === undefined ? stores : { ...stores, [broken]: failNthCall(stores[broken], nth) }
}

const limitOf = (stores: LimitStores, rules: readonly LimitRule[], clock = handClock()): Limit =>
  createLimit({ stores, rules, operations: [read], clock })

async function count(
  limit: Limit,
  calls: number,
  time?: number,
): Promise<{ passed: number; faults: number }> {
  const outcomes: (Admission | Denial)[] = []
  for (let i = 0; i < calls; i++) outcomes.push(await limit.run(callAt('1', time)))
  return {
    passed: outcomes.filter((one) => !isDenied(one)).length,
    faults: outcomes.filter((one) => isDenied(one) && one.code === 'GATEWAY_FAULT').length,
  }
}

describe('CVE-2026-3206 (KrakenD): a circuit breaker that leaks', () => {
  it('after a million openings and closings it takes as many tries as before', () => {
    const breaker = new Breaker({ failures: 0.5, calls: 1, openMs: 1, probes: 2 })
    let now = 0
    for (let i = 0; i < 1_000_000; i++) {
      now += 2
      if (breaker.enter(now) === 0) breaker.record(i % 4 > 1, now, now)
    }
    now += 61_000
    for (let i = 0; i < 2; i++) {
      assert.equal(breaker.enter(now), 0)
      breaker.record(true, now, now)
    }
    assert.equal(breaker.state, 'closed')
  })
})

describe('Q05: a store that does not answer', () => {
  for (const [store, amount] of kinds)
    it(`${amount.kind}: refuses, whichever call it is that fails, and never lets more pass`, async () => {
      for (let n = 1; n <= 8; n++) {
        const { passed, faults } = await count(limitOf(storesWith(store, n), [limitRule({ amount })]), 10)
        assert.equal(faults, n <= 10 ? 1 : 0, `call ${n}`)
        assert.ok(passed <= 5, `call ${n}: ${passed}`)
      }
    })

  for (const [store, amount] of kinds)
    it(`${amount.kind}: passes where that is written, and is counted as a door that was open`, async () => {
      const limit = limitOf(storesWith(store, 3), [limitRule({ amount, onFault: 'allow' })])
      const calls = Array.from({ length: 10 }, () => callAt('1'))
      let passed = 0
      for (const call of calls) if (!isDenied(await limit.run(call))) passed++
      assert.equal(passed, 6)
      assert.equal(
        calls.reduce((sum, call) => sum + call.trail.failedOpen, 0),
        1,
      )
    })

  it('a lock that cannot be asked for refuses', async () => {
    const { passed, faults } = await count(limitOf(storesWith('rates', 1), [limitRule({ lockMs: 1000 })]), 1)
    assert.deepEqual([passed, faults], [0, 1])
  })
})

describe('Q04: clocks', () => {
  for (const [, amount] of kinds.slice(0, 3))
    it(`${amount.kind}: a wall clock that jumps an hour, there and back, neither locks nor opens`, async () => {
      const clock = handClock()
      clock.wall = Date.UTC(2026, 10, 24, 12)
      const limit = limitOf(storesWith(), [limitRule({ amount })], clock)
      assert.equal((await count(limit, 4, clock.wall)).passed, 4)
      clock.wall += 3_600_000
      assert.equal((await count(limit, 4, clock.wall)).passed, 1)
      clock.wall -= 7_200_000
      assert.equal((await count(limit, 4, clock.wall)).passed, 0)
      clock.wall += 3_600_000 + 86_400_000
      clock.steady += 86_400_000
      assert.equal((await count(limit, 10, clock.wall)).passed, 5)
    })
})
