import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { newKey } from '../../../../test/contract/api-key-store.ts'
import { failNthCall } from '../../../../test/support/fail-nth-call.ts'
import type { ApiKeyStore } from '../../../kernel/api-key.ts'
import { createMemoryApiKeyStore } from '../../../stores/memory/api-key-store.ts'
import { createKeyDirectory } from './key-directory.ts'

/** A store that counts what it is asked. */
function counting(store: ApiKeyStore): ApiKeyStore & { readonly calls: { changes: number; find: number } } {
  const calls = { changes: 0, find: 0 }
  return {
    ...store,
    calls,
    changes: (after, limit) => {
      calls.changes++
      return store.changes(after, limit)
    },
    find: (id) => {
      calls.find++
      return store.find(id)
    },
  }
}

describe('the key directory', () => {
  it('holds what there is, and follows changes', async () => {
    const store = createMemoryApiKeyStore()
    for (let i = 0; i < 1200; i++) await store.create(newKey({ id: `k${i}` }))
    const directory = createKeyDirectory({ store, everyMs: 5 })
    await directory.start()
    for (const id of ['k0', 'k600', 'k1199']) {
      const known = directory.find(id)
      assert.ok(known !== undefined && !(known instanceof Promise))
      assert.equal(known.key.id, id)
    }
    await store.update('k600', () => ({ revoked: 5 }))
    await sleep(30)
    const known = await directory.find('k600')
    assert.equal(known?.key.revoked, 5)
    await directory.close()
  })

  it('a key made a moment ago is found', async () => {
    const store = createMemoryApiKeyStore()
    const directory = createKeyDirectory({ store, everyMs: 60_000 })
    await directory.start()
    await store.create(newKey())
    assert.equal((await directory.find('k1'))?.key.id, 'k1')
    assert.equal(await directory.find('nobody'), undefined)
    await directory.close()
  })

  it('a flood of made-up ids costs few reads', async () => {
    const store = counting(createMemoryApiKeyStore())
    const directory = createKeyDirectory({ store, everyMs: 60_000 })
    await directory.start()
    const before = store.calls.changes
    const found = await Promise.all(Array.from({ length: 20_000 }, (_, i) => directory.find(`made-up-${i}`)))
    assert.ok(found.every((one) => one === undefined))
    assert.ok(store.calls.changes - before <= 2, `${store.calls.changes - before} reads`)
    assert.equal(store.calls.find, 0)
    await directory.close()
  })

  it('where not all fit: looked up one by one, once for all who wait, and still followed', async () => {
    const store = counting(createMemoryApiKeyStore())
    for (let i = 0; i < 50; i++) await store.create(newKey({ id: `k${i}` }))
    const directory = createKeyDirectory({ store, everyMs: 5, capacity: 10 })
    await directory.start()
    for (let round = 0; round < 2; round++)
      for (let i = 0; i < 50; i++) assert.equal((await directory.find(`k${i}`))?.key.id, `k${i}`)
    assert.equal(await directory.find('nobody'), undefined)
    store.calls.find = 0
    await Promise.all(Array.from({ length: 20 }, () => directory.find('k0')))
    assert.equal(store.calls.find, 1)
    await store.update('k0', () => ({ disabled: true }))
    await sleep(30)
    assert.equal((await directory.find('k0'))?.key.disabled, true)
    await directory.close()
  })

  it('a look-up that read the past does not keep it', async () => {
    const inner = createMemoryApiKeyStore()
    for (let i = 0; i < 5; i++) await inner.create(newKey({ id: `k${i}` }))
    let hold: Promise<void> | undefined
    const store: ApiKeyStore = {
      ...inner,
      find: async (id) => {
        const found = await inner.find(id)
        await hold
        return found
      },
    }
    const directory = createKeyDirectory({ store, everyMs: 5, capacity: 1 })
    await directory.start()
    let release = (): void => {}
    hold = new Promise((resolve) => {
      release = resolve
    })
    const asked = directory.find('k3')
    await inner.update('k3', () => ({ revoked: 7 }))
    await sleep(30)
    hold = undefined
    release()
    assert.equal((await asked)?.key.revoked, 7)
    await directory.close()
  })

  it('bounds look-ups at once', async () => {
    const inner = createMemoryApiKeyStore()
    for (let i = 0; i < 3; i++) await inner.create(newKey({ id: `k${i}` }))
    const store: ApiKeyStore = { ...inner, find: () => new Promise(() => {}) }
    const directory = createKeyDirectory({ store, capacity: 1 })
    await directory.start()
    for (let i = 0; i < 256; i++) void directory.find(`x${i}`)
    await assert.rejects(Promise.resolve(directory.find('x256')), /too many/)
    await directory.close()
  })

  it('writes uses together, and those that are left at the end; not more often than they are exact', async () => {
    const inner = createMemoryApiKeyStore()
    await inner.create(newKey())
    const written: ReadonlyMap<string, number>[] = []
    const store: ApiKeyStore = {
      ...inner,
      touch: async (uses) => {
        written.push(uses)
        await inner.touch(uses)
      },
    }
    const directory = createKeyDirectory({ store, touchMs: 1000 })
    await directory.start()
    for (let now = 5000; now < 5900; now += 10) directory.used('k1', now)
    assert.equal(written.length, 0)
    await directory.close()
    assert.deepEqual(written, [new Map([['k1', 5000]])])
    assert.equal((await inner.find('k1'))?.lastUsed, 5000)
  })

  it('with the nth call of the store failing: no key appears or lives on', async () => {
    for (let nth = 1; nth <= 8; nth++) {
      const inner = createMemoryApiKeyStore()
      await inner.create(newKey())
      const directory = createKeyDirectory({
        store: failNthCall(inner, nth),
        everyMs: 3,
        touchMs: 10,
      })
      const started = await directory.start().then(
        () => true,
        () => false,
      )
      assert.equal(directory.isFresh(), started, `call ${nth}`)
      if (started) {
        directory.used('k1', 5000)
        await inner.update('k1', () => ({ revoked: 9 }))
        const outcome = await Promise.resolve(directory.find('nobody')).catch(() => 'rejected')
        assert.ok(outcome === undefined || outcome === 'rejected')
        await sleep(40)
        assert.equal((await directory.find('k1'))?.key.revoked, 9, `call ${nth}`)
      }
      await directory.close()
      if (started) assert.equal((await inner.find('k1'))?.lastUsed, 5000, `call ${nth}`)
    }
  })
})
