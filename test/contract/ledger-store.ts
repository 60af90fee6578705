import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { LedgerStore, Standing } from '../../src/kernel/ledger-store.ts'

export interface LedgerStoreSuite {
  create(): Promise<LedgerStore>
  /** The same ledger after a restart; undefined where it does not outlive one. */
  restart?(of: LedgerStore): Promise<LedgerStore>
}

const hour = 3_600_000

/** What every ledger must do. Run over each of them. */
export function ledgerStoreSuite(name: string, suite: LedgerStoreSuite): void {
  const now = Date.now()
  const ask = async (ledger: LedgerStore, holder: string, object: string, at = now): Promise<Standing> => {
    await ledger.ready(holder)
    return ledger.standing(holder, object, at)
  }

  describe(`ledger: ${name}`, () => {
    it('what was given to one is not given to another', async () => {
      const ledger = await suite.create()
      await ledger.ready('a')
      ledger.give('a', 'booking 1', 'shown', now + hour, now)
      assert.equal(await ask(ledger, 'a', 'booking 1'), 'shown')
      assert.equal(await ask(ledger, 'a', 'booking 2'), 'none')
      assert.equal(await ask(ledger, 'b', 'booking 1'), 'none')
    })

    it('two may hold the same object; forgetting takes it from one', async () => {
      const ledger = await suite.create()
      ledger.give('a', 'o', 'owned', now + hour, now)
      ledger.give('b', 'o', 'shown', now + hour, now)
      ledger.forget('b', 'o')
      assert.equal(await ask(ledger, 'a', 'o'), 'owned')
      assert.equal(await ask(ledger, 'b', 'o'), 'none')
      ledger.give('b', 'o', 'shown', now + hour, now)
      assert.equal(await ask(ledger, 'b', 'o'), 'shown')
    })

    it('being shown again lowers nothing, and a longer stay is not cut', async () => {
      const ledger = await suite.create()
      ledger.give('a', 'o', 'owned', now + 10 * hour, now)
      ledger.give('a', 'o', 'shown', now + hour, now)
      assert.equal(await ask(ledger, 'a', 'o'), 'owned')
      assert.equal(await ask(ledger, 'a', 'o', now + 9 * hour), 'owned')
    })

    it('ends at its time, not before', async () => {
      const ledger = await suite.create()
      ledger.give('a', 'o', 'shown', now + hour, now)
      assert.equal(await ask(ledger, 'a', 'o', now + hour - 60_000), 'shown')
      assert.equal(await ask(ledger, 'a', 'o', now + hour + 120_000), 'none')
    })

    it('a stay that is renewed lasts at least as long as was last said, to an eighth', async () => {
      const ledger = await suite.create()
      for (let at = now; at <= now + 20 * hour; at += hour / 4)
        ledger.give('a', 'o', 'shown', at + 8 * hour, at)
      assert.equal(await ask(ledger, 'a', 'o', now + 27 * hour), 'shown')
      assert.equal(await ask(ledger, 'a', 'o', now + 29 * hour), 'none')
    })

    it('counts misses of a holder within a day', async () => {
      const ledger = await suite.create()
      assert.equal(ledger.misses('a', 0, now), 0)
      ledger.misses('a', 1, now)
      assert.equal(ledger.misses('a', 2, now + hour), 3)
      assert.equal(ledger.misses('b', 0, now), 0)
      assert.equal(ledger.misses('a', 0, now + 25 * hour), 0)
    })

    it('holds what a map would hold', async () => {
      const ids = fc.integer({ min: 0, max: 300 }).map((n) => `booking\0${n}`)
      const step = fc.oneof(
        {
          weight: 5,
          arbitrary: fc.tuple(
            fc.constant('give' as const),
            ids,
            fc.constantFrom('shown' as const, 'owned' as const),
          ),
        },
        {
          weight: 2,
          arbitrary: fc.tuple(fc.constant('forget' as const), ids, fc.constant('shown' as const)),
        },
      )
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 400 }), async (steps) => {
          const ledger = await suite.create()
          const model = new Map<string, Standing>()
          for (const [what, id, standing] of steps)
            if (what === 'give') {
              ledger.give('a', id, standing, now + hour, now)
              if (model.get(id) !== 'owned') model.set(id, standing)
            } else {
              ledger.forget('a', id)
              model.delete(id)
            }
          for (let n = 0; n <= 300; n++) {
            const id = `booking\0${n}`
            assert.equal(ledger.standing('a', id, now), model.get(id) ?? 'none')
          }
        }),
        { numRuns: 30 },
      )
    })

    const { restart } = suite
    if (restart === undefined) return
    it('outlives a restart, deletions too', async () => {
      const before = await suite.create()
      for (const holder of ['a', 'b']) {
        await before.ready(holder)
        for (let i = 0; i < 700; i++)
          before.give(holder, `o ${holder} ${i}`, i % 2 === 0 ? 'owned' : 'shown', now + hour, now)
      }
      before.forget('a', 'o a 7')
      const after = await restart(before)
      assert.ok(after.ready('a') instanceof Promise, 'loaded when it is first asked for')
      assert.equal(await ask(after, 'a', 'o a 0'), 'owned')
      assert.equal(await ask(after, 'a', 'o a 1'), 'shown')
      assert.equal(await ask(after, 'a', 'o a 7'), 'none')
      assert.equal(await ask(after, 'a', 'o b 2'), 'none')
      assert.equal(after.ready('a'), undefined)
    })
  })
}
