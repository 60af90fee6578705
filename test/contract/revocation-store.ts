import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NewRevocation, RevocationStore } from '../../src/kernel/revocation.ts'

export interface RevocationStoreSuite {
  /** A fresh, empty store. */
  readonly create: () => Promise<RevocationStore>
  /** Opens the same store again, as a restarted process does; undefined for one that ends with its process. */
  readonly reopen?: (store: RevocationStore) => Promise<RevocationStore>
}

const base: NewRevocation = { kind: 'token', issuer: 'main', value: 'j-1', before: 1000, until: 9000 }

/** What every deny-list promises; the same suite runs over each of them. */
export function revocationStoreSuite(name: string, suite: RevocationStoreSuite): void {
  describe(`revocation store: ${name}`, () => {
    it('gives back what was written, in order of change', async () => {
      const store = await suite.create()
      const first = await store.add(base, 500)
      const second = await store.add({ ...base, kind: 'subject', issuer: undefined, value: '123' }, 600)
      assert.deepEqual(first, { ...base, created: 500, change: first.change })
      assert.ok(second.change > first.change)
      assert.deepEqual(await store.since(0, 10), [first, second])
      assert.deepEqual(await store.since(first.change, 10), [second])
      assert.deepEqual(await store.since(second.change, 10), [])
    })

    it('pages without gap or repeat', async () => {
      const store = await suite.create()
      for (let i = 0; i < 25; i++) await store.add({ ...base, value: `j-${i}` }, 1)
      const seen: string[] = []
      let change = 0
      for (;;) {
        const page = await store.since(change, 7)
        if (page.length === 0) break
        seen.push(...page.map((one) => one.value))
        change = page.at(-1)?.change ?? 0
      }
      assert.deepEqual(
        seen,
        Array.from({ length: 25 }, (_, i) => `j-${i}`),
      )
    })

    it('the same again is widened, never narrowed, and comes as a change', async () => {
      const store = await suite.create()
      const first = await store.add(base, 500)
      const narrower = await store.add({ ...base, before: 10, until: 10 }, 600)
      assert.deepEqual(narrower, { ...first, change: narrower.change })
      const wider = await store.add({ ...base, before: 2000, until: 20_000 }, 700)
      assert.deepEqual(wider, { ...base, before: 2000, until: 20_000, created: 500, change: wider.change })
      assert.deepEqual(await store.since(0, 10), [wider])
      assert.ok(first.change < narrower.change && narrower.change < wider.change)
    })

    it('kinds, issuers and values do not touch one another', async () => {
      const store = await suite.create()
      const all: NewRevocation[] = []
      for (const kind of ['token', 'subject', 'client'] as const)
        for (const issuer of [undefined, 'main', 'Main', 'other'])
          for (const value of [
            'a',
            'A',
            'a ',
            "a' or 1=1 --",
            'a\u0000',
            '%',
            'é',
            'e\u0301',
            'x'.repeat(1024),
          ])
            all.push({ ...base, kind, issuer, value })
      for (const one of all) await store.add(one, 1)
      const found = await store.since(0, 1000)
      assert.deepEqual(
        found.map(({ kind, issuer, value }) => [kind, issuer, value]),
        all.map(({ kind, issuer, value }) => [kind, issuer, value]),
      )
    })

    it('forgets what has ended, and nothing else', async () => {
      const store = await suite.create()
      await store.add({ ...base, value: 'a', until: 100 }, 1)
      const newest = await store.add({ ...base, value: 'b', until: 101 }, 1)
      assert.equal(await store.purge(100), 1)
      assert.equal(await store.purge(100), 0)
      assert.deepEqual(
        (await store.since(0, 10)).map((one) => one.value),
        ['b'],
      )
      const later = await store.add({ ...base, value: 'c' }, 1)
      assert.ok(later.change > newest.change, 'change numbers are not used twice')
    })

    it('writes at once get numbers of their own', async () => {
      const store = await suite.create()
      const made = await Promise.all(
        Array.from({ length: 50 }, (_, i) => store.add({ ...base, value: `j-${i % 10}` }, 1)),
      )
      assert.equal(new Set(made.map((one) => one.change)).size, 50)
      assert.equal((await store.since(0, 100)).length, 10)
    })

    if (suite.reopen !== undefined) {
      const { reopen } = suite
      it('survives a restart, numbers too', async () => {
        const store = await suite.create()
        const before = await store.add(base, 500)
        const again = await reopen(store)
        assert.deepEqual(await again.since(0, 10), [before])
        assert.ok((await again.add({ ...base, value: 'j-2' }, 1)).change > before.change)
      })
    }
  })
}
