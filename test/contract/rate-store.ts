import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { RateDecision, RateSpec, RateStore } from '../../src/kernel/ports.ts'
import { failNth } from './fail-nth.ts'

export interface RateStoreSuite {
  /** A fresh, empty store. */
  readonly create: () => RateStore | Promise<RateStore>
  readonly destroy?: (store: RateStore) => Promise<void>
  /** Runs of the model test; fewer where each call is a round trip. */
  readonly runs?: number
}

type Model = (key: string, spec: RateSpec, cost: number, now: number, forced?: boolean) => boolean

const perMinute: RateSpec = { rate: 100, windowMs: 60_000, burst: 100 }

/** GCRA in integers, with unbounded memory: what every store must do. One tick is 2^-16 ms. */
function createModel(): Model {
  const whole = new Map<string, bigint>()
  return (key, spec, cost, now, forced = false) => {
    const time = BigInt(Math.floor(now * 65536))
    const interval = BigInt(Math.ceil((spec.windowMs / spec.rate) * 65536))
    const owed = [whole.get(key) ?? 0n, time].reduce((a, b) => (a > b ? a : b))
    const next = owed + interval * BigInt(cost)
    if (forced) {
      const most = time + 2n * interval * BigInt(spec.burst)
      whole.set(key, next < most ? next : owed > most ? owed : most)
      return true
    }
    if (cost > 0 && next - time > interval * BigInt(spec.burst)) return false
    whole.set(key, next > time ? next : time)
    return true
  }
}

/** What every rate store must do. Run over each of them. */
export function rateStoreSuite(name: string, suite: RateStoreSuite): void {
  const use = async (run: (store: RateStore) => Promise<void>): Promise<void> => {
    const store = await suite.create()
    try {
      await run(store)
    } finally {
      await suite.destroy?.(store)
    }
  }
  const count = async (decisions: readonly (RateDecision | Promise<RateDecision>)[]): Promise<number> =>
    (await Promise.all(decisions)).filter((decision) => decision.allowed).length

  describe(`rate store: ${name}`, () => {
    it('1,000 calls at once at a limit of 100: exactly 100 pass', () =>
      use(async (store) => {
        assert.equal(
          await count(Array.from({ length: 1000 }, () => store.take('k', perMinute, 1, 5000))),
          100,
        )
      }))

    it('no burst twice at a window edge: in any window at most burst + rate', () =>
      use(async (store) => {
        const spec: RateSpec = { rate: 100, windowMs: 60_000, burst: 10 }
        const passed: number[] = []
        for (let now = 1000; now < 181_000; now += 50)
          if ((await store.take('k', spec, 1, now)).allowed) passed.push(now)
        for (const start of passed) {
          const inWindow = passed.filter((time) => time >= start && time < start + 60_000).length
          assert.ok(inWindow <= 110, `${inWindow} calls from ${start}`)
        }
        const full = await count(Array.from({ length: 200 }, () => store.take('other', perMinute, 1, 59_999)))
        const edge = await count(Array.from({ length: 200 }, () => store.take('other', perMinute, 1, 60_001)))
        assert.deepEqual([full, edge], [100, 0])
      }))

    it('says what is left, when it is whole, and when to come back', () =>
      use(async (store) => {
        const spec: RateSpec = { rate: 10, windowMs: 10_000, burst: 3 }
        const first = await store.take('k', spec, 1, 1000)
        assert.deepEqual(first, { allowed: true, remaining: 2, resetMs: 1000, retryMs: 0 })
        await store.take('k', spec, 2, 1000)
        const refused = await store.take('k', spec, 1, 1250)
        assert.deepEqual(refused, { allowed: false, remaining: 0, resetMs: 2750, retryMs: 750 })
        assert.equal((await store.take('k', spec, 1, 1999)).allowed, false)
        assert.equal((await store.take('k', spec, 1, 2000)).allowed, true)
      }))

    it('rounds an uneven interval against the caller', () =>
      use(async (store) => {
        for (const rate of [3, 7, 11, 13, 997]) {
          const spec: RateSpec = { rate, windowMs: 1000, burst: 1 }
          assert.ok((await store.take(`k${rate}`, spec, 1, 1000)).resetMs * rate >= 1000, `${rate}/s`)
        }
      }))

    it('a refused call takes nothing, all or nothing', () =>
      use(async (store) => {
        const spec: RateSpec = { rate: 10, windowMs: 10_000, burst: 10 }
        assert.equal((await store.take('k', spec, 8, 1000)).allowed, true)
        assert.equal((await store.take('k', spec, 3, 1000)).allowed, false)
        assert.equal((await store.take('k', spec, 2, 1000)).allowed, true)
        const impossible = await store.take('fresh', spec, 11, 1000)
        assert.equal(impossible.allowed, false)
        assert.equal((await store.take('fresh', spec, 10, 1000)).allowed, true)
      }))

    it('cost 0 asks, a negative cost gives back', () =>
      use(async (store) => {
        const spec: RateSpec = { rate: 10, windowMs: 10_000, burst: 2 }
        assert.equal((await store.take('k', spec, 0, 1000)).remaining, 2)
        await store.take('k', spec, 2, 1000)
        assert.equal((await store.take('k', spec, 0, 1000)).remaining, 0)
        assert.equal((await store.take('k', spec, -1, 1000)).remaining, 1)
        await store.take('k', spec, -100, 1000)
        assert.equal(await count(Array.from({ length: 5 }, () => store.take('k', spec, 1, 1000))), 2)
      }))

    it('a charge is taken though there is not enough; its debt is one whole budget at most', () =>
      use(async (store) => {
        const spec: RateSpec = { rate: 10, windowMs: 10_000, burst: 10 }
        await store.take('k', spec, 1, 1000)
        await store.charge('k', spec, 12, 1000)
        const refused = await store.take('k', spec, 1, 1000)
        assert.deepEqual(refused, { allowed: false, remaining: 0, resetMs: 13_000, retryMs: 4000 })
        await store.charge('k', spec, 1_000_000, 1000)
        assert.equal((await store.take('k', spec, 0, 1000)).resetMs, 20_000)
        assert.equal((await store.take('k', spec, 1, 11_999)).allowed, false)
        assert.equal((await store.take('k', spec, 1, 12_000)).allowed, true)
        await store.charge('fresh', spec, 0, 1000)
        assert.equal((await store.take('fresh', spec, 10, 1000)).allowed, true)
      }))

    it('keys do not touch one another, however much they look alike', () =>
      use(async (store) => {
        const spec: RateSpec = { rate: 1, windowMs: 60_000, burst: 1 }
        const keys = [
          'a',
          'A',
          'a ',
          ' a',
          'a\0',
          '\0a',
          'aa',
          '',
          'á',
          'a\u0301',
          '\ud800',
          '\udc00',
          'a:b',
          'a:b:',
        ]
        for (const key of keys)
          assert.equal((await store.take(key, spec, 1, 1000)).allowed, true, JSON.stringify(key))
        for (const key of keys)
          assert.equal((await store.take(key, spec, 1, 1000)).allowed, false, JSON.stringify(key))
      }))

    it('a time that does not move refills nothing; one that moves refills evenly', () =>
      use(async (store) => {
        const spec: RateSpec = { rate: 60, windowMs: 60_000, burst: 5 }
        assert.equal(await count(Array.from({ length: 50 }, () => store.take('k', spec, 1, 1000))), 5)
        let passed = 0
        for (let now = 1000; now <= 61_000; now += 100)
          if ((await store.take('k', spec, 1, now)).allowed) passed++
        assert.equal(passed, 60)
      }))

    it('locks hold for their time, are not shortened, and open on unlock', () =>
      use(async (store) => {
        assert.equal(await store.locked('k', 1000), 0)
        await store.lock('k', 60_000, 1000)
        assert.equal(await store.locked('k', 1000), 60_000)
        await store.lock('k', 10, 2000)
        assert.equal(await store.locked('k', 2000), 59_000)
        assert.equal(await store.locked('other', 2000), 0)
        assert.equal((await store.take('k', perMinute, 1, 2000)).allowed, true)
        assert.equal(await store.locked('k', 61_001), 0)
        await store.lock('k', 60_000, 70_000)
        await store.unlock('k')
        assert.equal(await store.locked('k', 70_001), 0)
        await store.unlock('never')
      }))

    it('agrees with the model on any sequence', () =>
      fc.assert(
        fc.asyncProperty(
          fc.record({
            rate: fc.integer({ min: 1, max: 1000 }),
            windowMs: fc.constantFrom(1000, 60_000, 3_600_000, 7),
            burst: fc.integer({ min: 1, max: 50 }),
          }),
          fc.array(
            fc.record({
              key: fc.constantFrom('a', 'b', 'c'),
              cost: fc.constantFrom(1, 1, 1, 1, 2, 5, 0, -1, 60),
              forced: fc.constantFrom(false, false, false, true),
              wait: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 5000, noNaN: true })),
            }),
            { maxLength: 200 },
          ),
          async (spec, steps) => {
            await use(async (store) => {
              const model = createModel()
              let now = 1
              for (const { key, cost, wait, forced } of steps) {
                now += wait
                if (forced && cost > 0) {
                  await store.charge(key, spec, cost, now)
                  model(key, spec, cost, now, true)
                  continue
                }
                const decision = await store.take(key, spec, cost, now)
                assert.equal(decision.allowed, model(key, spec, cost, now))
                assert.ok(decision.remaining >= 0 && decision.remaining <= spec.burst)
                assert.ok(decision.resetMs >= 0 && decision.retryMs >= 0)
                assert.equal(decision.allowed, decision.retryMs === 0)
              }
            })
          },
        ),
        { numRuns: suite.runs ?? 300 },
      ))

    it('with the nth call failing, for every n: never more than the limit, and the failure is seen', () =>
      use(async (store) => {
        const spec: RateSpec = { rate: 5, windowMs: 60_000, burst: 5 }
        for (let n = 1; n <= 12; n++) {
          const faulty = failNth(store, n)
          let allowed = 0
          let failed = 0
          for (let call = 1; call <= 12; call++)
            try {
              if ((await faulty.take(`n${n}`, spec, 1, 1000)).allowed) allowed++
            } catch {
              failed++
            }
          assert.ok(allowed <= 5)
          assert.equal(failed, 1)
        }
      }))
  })
}
