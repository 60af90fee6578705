import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { PlaceStore } from '../../src/kernel/limit-store.ts'

export interface PlaceStoreSuite {
  /** A fresh, empty store. */
  readonly create: () => PlaceStore | Promise<PlaceStore>
  readonly destroy?: (store: PlaceStore) => Promise<void>
  /** Runs of the model test; fewer where each call is a round trip. */
  readonly runs?: number
}

const lease = 10_000

/** What every store of places must do. Run over each of them. */
export function placeStoreSuite(name: string, suite: PlaceStoreSuite): void {
  const use = async (run: (store: PlaceStore) => Promise<void>): Promise<void> => {
    const store = await suite.create()
    try {
      await run(store)
    } finally {
      await suite.destroy?.(store)
    }
  }

  describe(`place store: ${name}`, () => {
    it('100 holders at once for 5 places: exactly 5 get one, and each that leaves lets one in', () =>
      use(async (store) => {
        const holders = Array.from({ length: 100 }, (_, i) => `h${i}`)
        const decisions = await Promise.all(holders.map((one) => store.acquire('k', 5, one, lease, 1000)))
        const inside = holders.filter((_, i) => decisions[i]?.allowed)
        const outside = holders.filter((_, i) => decisions[i]?.allowed !== true)
        assert.equal(inside.length, 5)
        for (const [i, leaving] of inside.entries()) {
          await store.release('k', leaving, 1001)
          assert.equal((await store.acquire('k', 5, outside[2 * i] ?? '', lease, 1002)).allowed, true)
          assert.equal((await store.acquire('k', 5, outside[2 * i + 1] ?? '', lease, 1002)).allowed, false)
        }
      }))

    it('says how many are free', () =>
      use(async (store) => {
        assert.deepEqual(await store.acquire('k', 2, 'a', lease, 1000), { allowed: true, remaining: 1 })
        assert.deepEqual(await store.acquire('k', 2, 'b', lease, 1000), { allowed: true, remaining: 0 })
        assert.deepEqual(await store.acquire('k', 2, 'c', lease, 1000), { allowed: false, remaining: 0 })
      }))

    it('who has a place renews it and takes no second one', () =>
      use(async (store) => {
        for (let i = 0; i < 10; i++)
          assert.deepEqual(await store.acquire('k', 2, 'a', lease, 1000 + i), { allowed: true, remaining: 1 })
        await store.acquire('k', 2, 'b', lease, 1000)
        assert.equal((await store.acquire('k', 2, 'a', lease, 9000)).allowed, true)
        // Only b's lease has ended.
        assert.equal((await store.acquire('k', 2, 'c', lease, 11_000)).allowed, true)
        assert.equal((await store.acquire('k', 2, 'd', lease, 11_000)).allowed, false)
        assert.equal((await store.acquire('k', 2, 'd', lease, 19_000)).allowed, true)
      }))

    it('to release what is not held changes nothing; keys do not touch one another', () =>
      use(async (store) => {
        await store.release('k', 'nobody', 1000)
        await store.acquire('k', 1, 'a', lease, 1000)
        await store.release('k', 'b', 1000)
        await store.release('other', 'a', 1000)
        assert.equal((await store.acquire('k', 1, 'b', lease, 1000)).allowed, false)
        assert.equal((await store.acquire('K', 1, 'b', lease, 1000)).allowed, true)
        await store.release('k', 'a', 1000)
        await store.release('k', 'a', 1000)
        assert.equal((await store.acquire('k', 1, 'b', lease, 1000)).allowed, true)
      }))

    it('agrees with the model on any sequence', () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.record({
              key: fc.constantFrom('a', 'b'),
              holder: fc.constantFrom('1', '2', '3', '4', '5'),
              leaves: fc.boolean(),
              wait: fc.constantFrom(0, 0, 1, 4000, 9999, 10_000),
            }),
            { maxLength: 80 },
          ),
          (steps) =>
            use(async (store) => {
              const held = new Map<string, number>()
              let now = 1000
              for (const { key, holder, leaves, wait } of steps) {
                now += wait
                const live = [...held].filter(([name, until]) => name.startsWith(key) && until > now)
                const has = live.some(([name]) => name === `${key}${holder}`)
                if (leaves) {
                  await store.release(key, holder, now)
                  held.delete(`${key}${holder}`)
                  continue
                }
                const allowed = has || live.length < 3
                assert.equal((await store.acquire(key, 3, holder, lease, now)).allowed, allowed)
                if (allowed) held.set(`${key}${holder}`, now + lease)
              }
            }),
        ),
        { numRuns: suite.runs ?? 300 },
      ))
  })
}
