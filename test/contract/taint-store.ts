import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TaintStore } from '../../src/kernel/taint-store.ts'

/** What every taint store does; `make` gives an empty one that keeps `each` destinations of a scope. */
export function taintStoreSuite(name: string, make: (each: number) => TaintStore): void {
  describe(`taint store: ${name}`, () => {
    const now = 1_000
    const until = 5_000

    test('what was seen in texts of others is tainted, for that scope, until it is forgotten', async () => {
      const store = make(8)
      await store.mark('a', ['x', 'y'], false, until, now)
      assert.equal(await store.tainted('a', ['x', 'y', 'z'], now), 2)
      assert.equal(await store.tainted('b', ['x', 'y'], now), 0)
      assert.equal(await store.tainted('a', ['x'], until), 0)
    })

    test('what the caller used before is its own; what it uses afterwards is not', async () => {
      const store = make(8)
      await store.use('a', ['x'], until, now)
      await store.mark('a', ['x', 'y'], false, until, now)
      await store.use('a', ['y'], until, now)
      assert.equal(await store.tainted('a', ['x'], now), 0)
      assert.equal(await store.tainted('a', ['y'], now), 1)
    })

    test('what is vouched for is not tainted any more, nor again', async () => {
      const store = make(8)
      await store.mark('a', ['x'], false, until, now)
      await store.vouch('a', ['x'], until, now)
      await store.mark('a', ['x'], false, until, now)
      assert.equal(await store.tainted('a', ['x'], now), 0)
    })

    test('a flood taints everything that is not the caller’s own, and forgets nothing', async () => {
      const store = make(8)
      await store.use('a', ['own'], until, now)
      await store.mark('a', ['first'], false, until, now)
      await store.mark(
        'a',
        Array.from({ length: 20 }, (_, i) => `flood-${i}`),
        false,
        until,
        now,
      )
      assert.equal(await store.tainted('a', ['first'], now), 1)
      assert.equal(await store.tainted('a', ['flood-19'], now), 1)
      assert.equal(await store.tainted('a', ['never-seen'], now), 1)
      assert.equal(await store.tainted('a', ['own'], now), 0)
      // Nor does using it in the flood make it the caller's own.
      await store.use('a', ['never-seen'], until, now)
      assert.equal(await store.tainted('a', ['never-seen'], now), 1)
      assert.equal(await store.tainted('a', ['never-seen'], until + 1), 0)
    })

    test('an overflow that is told does the same', async () => {
      const store = make(8)
      await store.mark('a', [], true, until, now)
      assert.equal(await store.tainted('a', ['anything'], now), 1)
      assert.equal(await store.tainted('b', ['anything'], now), 0)
    })
  })
}
