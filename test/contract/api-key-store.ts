import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ApiKeyStore, NewApiKey } from '../../src/kernel/api-key.ts'

export interface ApiKeyStoreSuite {
  /** A fresh, empty store. */
  readonly create: () => Promise<ApiKeyStore>
  /** Opens the same store again, as a restarted process does; undefined for one that ends with its process. */
  readonly reopen?: (store: ApiKeyStore) => Promise<ApiKeyStore>
}

/** What its maker would say of a key. */
export function newKey(over: Partial<NewApiKey> = {}): NewApiKey {
  return {
    id: 'k1',
    name: 'nightly import',
    owner: 'team-a',
    scopes: ['things:read'],
    roles: ['robot'],
    secrets: [{ digest: 'ab'.repeat(32), until: undefined }],
    created: 1000,
    expires: 9_000_000_000_000,
    ...over,
  }
}

/** What every place of API keys promises; the same suite runs over each of them. */
export function apiKeyStoreSuite(name: string, suite: ApiKeyStoreSuite): void {
  describe(`API key store: ${name}`, () => {
    it('gives back what was made', async () => {
      const store = await suite.create()
      const made = await store.create(newKey())
      assert.deepEqual(made, {
        ...newKey(),
        disabled: false,
        revoked: undefined,
        lastUsed: undefined,
        change: made.change,
      })
      assert.deepEqual(await store.find('k1'), made)
      assert.equal(await store.find('K1'), undefined)
      const endless = await store.create(newKey({ id: 'k2', expires: undefined, scopes: [], roles: [] }))
      assert.deepEqual(await store.find('k2'), endless)
    })

    it('an id is taken once', async () => {
      const store = await suite.create()
      const made = await store.create(newKey())
      await assert.rejects(store.create(newKey({ owner: 'somebody else' })))
      assert.deepEqual(await store.find('k1'), made)
    })

    it('tells what changed since, in order', async () => {
      const store = await suite.create()
      assert.deepEqual(await store.changes(undefined, 10), { latest: 0, keys: [] })
      const first = await store.create(newKey())
      const second = await store.create(newKey({ id: 'k2' }))
      assert.deepEqual(await store.changes(undefined, 10), { latest: second.change, keys: [] })
      assert.deepEqual(await store.changes(0, 10), { latest: second.change, keys: [first, second] })
      assert.deepEqual((await store.changes(0, 1)).keys, [first])
      const changed = await store.update('k1', () => ({ disabled: true }))
      assert.deepEqual((await store.changes(second.change, 10)).keys, [changed])
      assert.deepEqual((await store.changes(0, 10)).keys, [second, changed])
    })

    it('changes what it says and nothing else', async () => {
      const store = await suite.create()
      const made = await store.create(newKey())
      const secrets = [
        { digest: 'cd'.repeat(32), until: undefined },
        { digest: 'ab'.repeat(32), until: 5000 },
      ]
      const rotated = await store.update('k1', () => ({ secrets }))
      assert.deepEqual(rotated, { ...made, secrets, change: rotated?.change })
      const disabled = await store.update('k1', (key) => ({ disabled: !key.disabled }))
      assert.deepEqual(disabled, { ...made, secrets, disabled: true, change: disabled?.change })
      assert.deepEqual(await store.find('k1'), disabled)
      assert.equal(await store.update('nobody', () => ({ disabled: true })), undefined)
    })

    it('revoked is for good', async () => {
      const store = await suite.create()
      await store.create(newKey())
      const revoked = await store.update('k1', () => ({ revoked: 7000 }))
      assert.equal(revoked?.revoked, 7000)
      assert.deepEqual(await store.update('k1', () => ({ revoked: undefined, disabled: true })), revoked)
      assert.deepEqual(await store.find('k1'), revoked)
    })

    it('changes at once do not lose one another', async () => {
      const store = await suite.create()
      await store.create(newKey({ secrets: [] }))
      await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          store.update('k1', (key) => ({ secrets: [...key.secrets, { digest: String(i), until: i }] })),
        ),
      )
      assert.equal((await store.find('k1'))?.secrets.length, 20)
    })

    it('notes uses without a change, never back in time', async () => {
      const store = await suite.create()
      const made = await store.create(newKey())
      await store.touch(
        new Map([
          ['k1', 5000],
          ['nobody', 5000],
        ]),
      )
      assert.equal((await store.find('k1'))?.lastUsed, 5000)
      await store.touch(new Map([['k1', 4000]]))
      await store.touch(new Map())
      assert.equal((await store.find('k1'))?.lastUsed, 5000)
      assert.equal((await store.changes(undefined, 1)).latest, made.change)
    })

    it('values are only values', async () => {
      const store = await suite.create()
      for (const [i, text] of ["' or 1=1 --", '%', '"}],', 'é\u202e', '\u0000', 'x'.repeat(1000)].entries()) {
        const made = await store.create(
          newKey({ id: `v${i}`, name: text, owner: text, scopes: [text], roles: [text] }),
        )
        assert.deepEqual(await store.find(`v${i}`), made)
        assert.equal(await store.find(text), undefined)
      }
    })

    if (suite.reopen !== undefined) {
      const { reopen } = suite
      it('survives a restart', async () => {
        const store = await suite.create()
        const made = await store.create(newKey())
        const again = await reopen(store)
        assert.deepEqual(await again.find('k1'), made)
        assert.equal((await again.create(newKey({ id: 'k2' }))).change, made.change + 1)
      })
    }
  })
}
