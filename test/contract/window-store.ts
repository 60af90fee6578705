import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { WindowSpec, WindowStore } from '../../src/kernel/limit-store.ts'

export interface WindowStoreSuite {
  /** A fresh, empty store. */
  readonly create: () => WindowStore | Promise<WindowStore>
  readonly destroy?: (store: WindowStore) => Promise<void>
  /** Runs of the model test; fewer where each call is a round trip. */
  readonly runs?: number
}

interface Model {
  take(key: string, spec: WindowSpec, cost: number, now: number): { allowed: boolean; remaining: number }
  charge(key: string, spec: WindowSpec, cost: number, now: number): void
}

/** Every unit that was taken, kept for ever, in integers: what every store must do. */
function createModel(): Model {
  const taken = new Map<string, number[]>()
  const part = (spec: WindowSpec, now: number): number =>
    Number((BigInt(Math.round(now * 1024)) * 16n) / (BigInt(spec.windowMs) * 1024n))
  const counted = (key: string, spec: WindowSpec, now: number): number[] => {
    const present = part(spec, now)
    return (taken.get(key) ?? []).filter((one) => one >= present - 16)
  }
  const add = (key: string, spec: WindowSpec, cost: number, now: number): void => {
    const known = taken.get(key) ?? []
    for (let i = 0; i < cost; i++) known.push(part(spec, now))
    taken.set(key, known)
  }
  return {
    take(key, spec, cost, now) {
      const sum = counted(key, spec, now).length
      if (cost > 0 && sum + cost > spec.quota)
        return { allowed: false, remaining: Math.max(0, spec.quota - sum) }
      if (cost > 0) add(key, spec, cost, now)
      else {
        const known = taken.get(key) ?? []
        known.splice(Math.max(known.length - Math.min(-cost, sum), 0))
      }
      return { allowed: true, remaining: Math.max(0, spec.quota - Math.max(0, sum + cost)) }
    },
    charge(key, spec, cost, now) {
      const sum = counted(key, spec, now).length
      add(key, spec, Math.max(0, Math.min(cost, 2 * spec.quota - sum)), now)
    },
  }
}

/** What every store of sliding windows must do. Run over each of them. */
export function windowStoreSuite(name: string, suite: WindowStoreSuite): void {
  const use = async (run: (store: WindowStore) => Promise<void>): Promise<void> => {
    const store = await suite.create()
    try {
      await run(store)
    } finally {
      await suite.destroy?.(store)
    }
  }
  const spec: WindowSpec = { quota: 100, windowMs: 60_000 }

  describe(`window store: ${name}`, () => {
    it('1,000 calls at once at a limit of 100: exactly 100 pass', () =>
      use(async (store) => {
        const decisions = await Promise.all(
          Array.from({ length: 1000 }, () => store.take('k', spec, 1, 5000)),
        )
        assert.equal(decisions.filter((one) => one.allowed).length, 100)
      }))

    it('never more than the quota in any window, and all of it in any window and a part', () =>
      use(async (store) => {
        const passed: number[] = []
        for (let now = 1000; now < 250_000; now += 101)
          if ((await store.take('k', { quota: 50, windowMs: 60_000 }, 1, now)).allowed) passed.push(now)
        for (const start of passed) {
          const within = (length: number): number =>
            passed.filter((time) => time >= start && time < start + length).length
          assert.ok(within(60_000) <= 50, `${within(60_000)} from ${start}`)
          if (start < 150_000) assert.ok(within(64_000) >= 50, `${within(64_000)} from ${start}`)
        }
      }))

    it('says what is left, when nothing is counted, and when to come back', () =>
      use(async (store) => {
        const small: WindowSpec = { quota: 3, windowMs: 16_000 }
        // Parts of a second: what is taken in second 1 is counted until second 18 begins.
        assert.deepEqual(await store.take('k', small, 1, 1500), {
          allowed: true,
          remaining: 2,
          resetMs: 16_500,
          retryMs: 0,
        })
        await store.take('k', small, 2, 4000)
        assert.deepEqual(await store.take('k', small, 1, 5000), {
          allowed: false,
          remaining: 0,
          resetMs: 16_000,
          retryMs: 13_000,
        })
        assert.equal((await store.take('k', small, 2, 5000)).retryMs, 16_000)
        assert.equal((await store.take('k', small, 1, 17_999)).allowed, false)
        assert.equal((await store.take('k', small, 1, 18_000)).allowed, true)
      }))

    it('a refused call takes nothing; cost 0 asks; a negative cost gives back', () =>
      use(async (store) => {
        assert.equal((await store.take('k', spec, 98, 1000)).allowed, true)
        assert.equal((await store.take('k', spec, 3, 1000)).allowed, false)
        assert.equal((await store.take('k', spec, 0, 1000)).remaining, 2)
        assert.equal((await store.take('k', spec, -1, 9000)).remaining, 3)
        assert.equal((await store.take('k', spec, -1000, 9000)).remaining, 100)
        assert.equal((await store.take('k', spec, 101, 9000)).allowed, false)
        assert.equal((await store.take('k', spec, 101, 9000)).retryMs, Number.POSITIVE_INFINITY)
        assert.equal((await store.take('k', spec, 100, 9000)).allowed, true)
      }))

    it('a charge is counted though there is no room, twice the quota at most', () =>
      use(async (store) => {
        await store.take('k', spec, 90, 1000)
        await store.charge('k', spec, 1_000_000, 1000)
        assert.equal((await store.take('k', spec, 1, 2000)).allowed, false)
        await store.take('k', spec, -100, 2000)
        assert.equal((await store.take('k', spec, 1, 2000)).allowed, false)
        await store.take('k', spec, -1, 2000)
        assert.equal((await store.take('k', spec, 1, 2000)).allowed, true)
        assert.equal((await store.take('k', spec, 100, 70_000)).allowed, true)
      }))

    it('keys do not touch one another, however much they look alike', () =>
      use(async (store) => {
        const one: WindowSpec = { quota: 1, windowMs: 60_000 }
        const keys = ['a', 'A', 'a ', 'a\0', '\0a', 'aa', '', 'á', 'a\u0301', 'a:b', 'a:b:']
        for (const key of keys) assert.equal((await store.take(key, one, 1, 1000)).allowed, true)
        for (const key of keys) assert.equal((await store.take(key, one, 1, 1000)).allowed, false)
      }))

    it('agrees with the model on any sequence', () =>
      fc.assert(
        fc.asyncProperty(
          fc.record({ quota: fc.integer({ min: 1, max: 20 }), windowMs: fc.constantFrom(7, 1000, 60_000) }),
          fc.array(
            fc.record({
              key: fc.constantFrom('a', 'b', 'c'),
              cost: fc.constantFrom(1, 1, 1, 1, 2, 5, 0, -1, 30),
              forced: fc.constantFrom(false, false, false, true),
              // Whole multiples of 2^-10 of a window: where parts begin is then the same in every arithmetic.
              wait: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1100 })),
            }),
            { maxLength: 100 },
          ),
          (window, steps) =>
            use(async (store) => {
              const model = createModel()
              let now = 1024
              for (const { key, cost, wait, forced } of steps) {
                now += (wait * window.windowMs) / 1024
                if (forced && cost > 0) {
                  await store.charge(key, window, cost, now)
                  model.charge(key, window, cost, now)
                  continue
                }
                const { allowed, remaining, resetMs, retryMs } = await store.take(key, window, cost, now)
                assert.deepEqual({ allowed, remaining }, model.take(key, window, cost, now))
                assert.equal(allowed, retryMs === 0)
                assert.equal(resetMs === 0, remaining === window.quota)
              }
            }),
        ),
        { numRuns: suite.runs ?? 300 },
      ))
  })
}
