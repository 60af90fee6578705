import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { QuotaSpec, QuotaStore } from '../../src/kernel/limit-store.ts'
import type { RateDecision } from '../../src/kernel/ports.ts'
import { createQuotaRepository } from '../../src/repositories/quota-repository.ts'
import { createLeasedQuotas, type LeasedQuotaStore } from '../../src/stores/lease/leased-quotas.ts'
import { createMemoryQuotaStore } from '../../src/stores/memory/quota-store.ts'
import { handClock } from '../support/limit-with.ts'
import { quotaStoreSuite } from './quota-store.ts'
import { createStateFiles } from './state-files.ts'

/** Another machine: the same answers, later. */
function later(store: QuotaStore): QuotaStore & { calls: number } {
  const far = {
    calls: 0,
    take: async (...args: Parameters<QuotaStore['take']>): Promise<RateDecision> => {
      far.calls++
      await new Promise(setImmediate)
      return store.take(...args)
    },
    charge: async (...args: Parameters<QuotaStore['charge']>) => store.charge(...args),
  }
  return far
}

// Where a lease is one unit, leased stores are exact; the suites' budgets are small enough for that.
quotaStoreSuite('leased, small budgets', {
  create: () => createLeasedQuotas(createMemoryQuotaStore()),
  destroy: (store) => (store as LeasedQuotaStore).close(),
})

const files = createStateFiles(createQuotaRepository)
quotaStoreSuite('sqlite', { create: () => files.open(), runs: 25 })

const daily: QuotaSpec = { quota: 10_000, period: 'day' }
const noon = Date.UTC(2026, 10, 24, 12)

describe('leases', () => {
  it('10,000 calls at once over four processes at a quota of 10,000: no more pass, most without a question', async () => {
    const clock = handClock()
    const remote = later(createMemoryQuotaStore())
    const nodes = Array.from({ length: 4 }, () => createLeasedQuotas(remote, { clock }))
    const decisions = await Promise.all(
      Array.from({ length: 12_000 }, (_, i) => nodes[i % 4]?.take('k', daily, 1, noon)),
    )
    const passed = decisions.filter((one) => one?.allowed).length
    // What one holds at the very end others are refused.
    assert.ok(passed <= 10_000 && passed >= 9_800, String(passed))
    assert.ok(remote.calls < 2000, String(remote.calls))
    for (const node of nodes) await node.close()
  })

  it('what is not used is given back, and a refusal is remembered', async () => {
    const clock = handClock()
    const remote = later(createMemoryQuotaStore())
    const [busy, quiet] = [createLeasedQuotas(remote, { clock }), createLeasedQuotas(remote, { clock })]
    for (let i = 0; i < 20; i++) await quiet.take('k', daily, 1, noon)
    let passed = 0
    for (let i = 0; i < 12_000; i++) if ((await busy.take('k', daily, 1, noon)).allowed) passed++
    assert.ok(passed >= 9980 - 100 && passed <= 9980, String(passed))
    const asked = remote.calls
    for (let i = 0; i < 1000; i++) await busy.take('k', daily, 1, noon)
    assert.equal(remote.calls, asked)
    await quiet.close()
    // A lease later it is asked again, and has what was given back.
    clock.steady += 10_000
    for (let i = 0; i < 1000; i++) if ((await busy.take('k', daily, 1, noon)).allowed) passed++
    assert.equal(passed, 9980)
    await busy.close()
  })

  it('a store that does not answer is a fault, not a free pass; what is at hand may still be used', async () => {
    const clock = handClock()
    const store = later(createMemoryQuotaStore())
    let down = false
    const remote: QuotaStore = {
      ...store,
      take: async (...args) => {
        if (down) throw new Error('store unreachable')
        return store.take(...args)
      },
    }
    const node = createLeasedQuotas(remote, { clock })
    for (let i = 0; i < 50; i++) await node.take('k', daily, 1, noon)
    down = true
    let passed = 0
    let failed = 0
    for (let i = 0; i < 500; i++)
      try {
        if ((await node.take('k', daily, 1, noon)).allowed) passed++
      } catch {
        failed++
      }
    assert.ok(passed <= 100, String(passed))
    assert.equal(passed + failed, 500)
    down = false
    clock.steady += 20_000
    assert.ok((await node.take('k', daily, 1, noon)).allowed)
    await node.close()
  })

  it('quotas in a database: exact over two processes, and nothing is forgotten when one ends or is killed', async () => {
    const repository = await files.open()
    const open = async (): Promise<{ store: QuotaStore; close(): Promise<void> }> => {
      const store = createLeasedQuotas(await files.reopen(repository))
      return { store, close: () => store.close() }
    }
    const [one, other] = [await open(), await open()]
    const spend = async (store: QuotaStore, calls: number): Promise<number> => {
      let passed = 0
      for (let i = 0; i < calls; i++) if ((await store.take('k', daily, 1, noon)).allowed) passed++
      return passed
    }
    assert.equal((await spend(one.store, 3000)) + (await spend(other.store, 2000)), 5000)
    await one.close()
    await other.close()
    const exact = await repository.take('k', daily, 0, noon)
    assert.equal(exact.remaining, 5000)
    // Killed: no close. At most two leases of fifty are lost, and none of what was spent comes back.
    const killed = await open()
    await spend(killed.store, 1000)
    const after = await open()
    const left = (await repository.take('k', daily, 0, noon)).remaining
    assert.ok(left <= 4000 && left >= 3900, String(left))
    assert.equal(await spend(after.store, 6000), left)
    await after.close()
    await killed.close()
  })

  it('ended periods are removed', async () => {
    const repository = await files.open()
    await repository.take('k', daily, 5, noon)
    assert.equal(await repository.purge(noon), 0)
    assert.equal(await repository.purge(noon + 86_400_000), 1)
  })
})
