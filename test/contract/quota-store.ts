import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { QuotaSpec, QuotaStore } from '../../src/kernel/limit-store.ts'

export interface QuotaStoreSuite {
  /** A fresh, empty store. */
  readonly create: () => QuotaStore | Promise<QuotaStore>
  readonly destroy?: (store: QuotaStore) => Promise<void>
  /** Runs of the model test; fewer where each call is a round trip. */
  readonly runs?: number
}

const noon = Date.UTC(2026, 10, 24, 12)
const midnight = Date.UTC(2026, 10, 25)
const daily: QuotaSpec = { quota: 100, period: 'day' }

/** What every store of quotas must do. Run over each of them. */
export function quotaStoreSuite(name: string, suite: QuotaStoreSuite): void {
  const use = async (run: (store: QuotaStore) => Promise<void>): Promise<void> => {
    const store = await suite.create()
    try {
      await run(store)
    } finally {
      await suite.destroy?.(store)
    }
  }

  describe(`quota store: ${name}`, () => {
    it('1,000 calls at once at a quota of 100: exactly 100 pass', () =>
      use(async (store) => {
        const decisions = await Promise.all(
          Array.from({ length: 1000 }, () => store.take('k', daily, 1, noon)),
        )
        assert.equal(decisions.filter((one) => one.allowed).length, 100)
      }))

    it('ends with its period, to the millisecond, and is whole in the next', () =>
      use(async (store) => {
        assert.deepEqual(await store.take('k', daily, 100, noon), {
          allowed: true,
          remaining: 0,
          resetMs: 12 * 3_600_000,
          retryMs: 0,
        })
        assert.deepEqual(await store.take('k', daily, 1, midnight - 1), {
          allowed: false,
          remaining: 0,
          resetMs: 1,
          retryMs: 1,
        })
        assert.equal((await store.take('k', daily, 1, midnight)).remaining, 99)
      }))

    it('a month is a calendar month, a week begins on Monday', () =>
      use(async (store) => {
        const monthly: QuotaSpec = { quota: 1, period: 'month' }
        const last = Date.UTC(2028, 1, 29, 23, 59, 59, 999)
        assert.equal((await store.take('m', monthly, 1, Date.UTC(2028, 1, 1))).allowed, true)
        assert.deepEqual((await store.take('m', monthly, 1, last)).retryMs, 1)
        assert.equal((await store.take('m', monthly, 1, last + 1)).allowed, true)
        const weekly: QuotaSpec = { quota: 1, period: 'week' }
        const monday = Date.UTC(2026, 10, 23)
        assert.equal((await store.take('w', weekly, 1, monday - 1)).allowed, true)
        assert.equal((await store.take('w', weekly, 1, monday)).allowed, true)
        assert.equal((await store.take('w', weekly, 1, monday + 7 * 86_400_000 - 1)).allowed, false)
        assert.equal((await store.take('w', weekly, 1, monday + 7 * 86_400_000)).allowed, true)
      }))

    it('a refused call takes nothing; cost 0 asks; a negative cost gives back', () =>
      use(async (store) => {
        assert.equal((await store.take('k', daily, 98, noon)).allowed, true)
        assert.equal((await store.take('k', daily, 3, noon)).allowed, false)
        assert.equal((await store.take('k', daily, 0, noon)).remaining, 2)
        assert.equal((await store.take('k', daily, -1, noon)).remaining, 3)
        assert.equal((await store.take('k', daily, -1000, noon)).remaining, 100)
        assert.equal((await store.take('k', daily, 101, noon)).retryMs, Number.POSITIVE_INFINITY)
        assert.equal((await store.take('k', daily, 100, noon)).allowed, true)
      }))

    it('a charge is counted though there is no room, twice the quota at most', () =>
      use(async (store) => {
        await store.take('k', daily, 90, noon)
        await store.charge('k', daily, 1_000_000, noon)
        assert.equal((await store.take('k', daily, -100, noon)).remaining, 0)
        assert.equal((await store.take('k', daily, -1, noon)).remaining, 1)
        assert.equal((await store.take('k', daily, 1, midnight)).allowed, true)
      }))

    it('keys do not touch one another, however much they look alike', () =>
      use(async (store) => {
        const one: QuotaSpec = { quota: 1, period: 'day' }
        const keys = ['a', 'A', 'a ', 'a\0', '\0a', 'aa', '', 'á', 'a\u0301', 'a:b', 'a:b:']
        for (const key of keys) assert.equal((await store.take(key, one, 1, noon)).allowed, true)
        for (const key of keys) assert.equal((await store.take(key, one, 1, noon)).allowed, false)
      }))

    it('a clock that goes back an hour neither opens nor locks', () =>
      use(async (store) => {
        await store.take('k', daily, 99, noon)
        assert.equal((await store.take('k', daily, 1, noon - 3_600_000)).allowed, true)
        assert.equal((await store.take('k', daily, 1, noon)).allowed, false)
      }))

    it('agrees with the model on any sequence', () =>
      fc.assert(
        fc.asyncProperty(
          fc.record({
            quota: fc.integer({ min: 1, max: 20 }),
            period: fc.constantFrom('hour' as const, 'day' as const, 'week' as const, 'month' as const),
          }),
          fc.array(
            fc.record({
              key: fc.constantFrom('a', 'b'),
              cost: fc.constantFrom(1, 1, 1, 1, 2, 5, 0, -1, 30),
              forced: fc.constantFrom(false, false, false, true),
              wait: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 * 86_400_000 })),
            }),
            { maxLength: 60 },
          ),
          (spec, steps) =>
            use(async (store) => {
              const spent = new Map<string, number>()
              let at = noon
              for (const { key, cost, wait, forced } of steps) {
                at += wait
                const cell = `${key} ${calendarOf(spec.period, at)}`
                const sum = spent.get(cell) ?? 0
                if (forced && cost > 0) {
                  await store.charge(key, spec, cost, at)
                  spent.set(cell, Math.max(sum, Math.min(sum + cost, 2 * spec.quota)))
                  continue
                }
                const allowed = cost <= 0 || sum + cost <= spec.quota
                if (allowed) spent.set(cell, Math.max(0, sum + cost))
                const decision = await store.take(key, spec, cost, at)
                assert.equal(decision.allowed, allowed)
                assert.equal(decision.remaining, Math.max(0, spec.quota - (spent.get(cell) ?? 0)))
                assert.equal(decision.retryMs === 0, allowed)
                assert.notEqual(calendarOf(spec.period, at + decision.resetMs), calendarOf(spec.period, at))
                assert.equal(calendarOf(spec.period, at + decision.resetMs - 1), calendarOf(spec.period, at))
              }
            }),
        ),
        { numRuns: suite.runs ?? 200 },
      ))
  })
}

/** The name of a period, from the calendar's own words. */
function calendarOf(period: QuotaSpec['period'], at: number): string {
  const text = new Date(at).toISOString()
  if (period === 'hour') return text.slice(0, 13)
  if (period === 'day') return text.slice(0, 10)
  if (period === 'month') return text.slice(0, 7)
  const date = new Date(at)
  date.setUTCHours(0, 0, 0, 0)
  while (date.getUTCDay() !== 1) date.setUTCDate(date.getUTCDate() - 1)
  return date.toISOString().slice(0, 10)
}
