import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMemoryPlaceStore } from './place-store.ts'
import { createMemoryQuotaStore } from './quota-store.ts'
import { createMemoryWindowStore } from './window-store.ts'

const window = { quota: 10, windowMs: 60_000 }
const daily = { quota: 10, period: 'day' as const }
const noon = Date.UTC(2026, 10, 24, 12)
const seed = [5, 6] as const

function grown(run: () => void): number {
  const before = process.memoryUsage().rss
  run()
  return (process.memoryUsage().rss - before) / 1048576
}

describe('Q06: memory of windows, quotas and places', () => {
  it('nothing is allocated before the first key', () => {
    const megabytes = grown(() => {
      for (let i = 0; i < 10; i++) {
        createMemoryWindowStore()
        createMemoryQuotaStore()
        createMemoryPlaceStore()
      }
    })
    assert.ok(megabytes < 8, `${megabytes} MiB`)
  })

  it('four times as many keys as there is room for stay under the cap, which is allocated once', (t) => {
    const windows = createMemoryWindowStore()
    const quotas = createMemoryQuotaStore()
    const megabytes = grown(() => {
      for (let i = 0; i < 4 * (1 << 17); i++) {
        windows.take(`k${i}`, window, 1, 1000 + i * 1e-4)
        quotas.take(`k${i}`, daily, 1, noon)
      }
    })
    t.diagnostic(`${megabytes.toFixed(1)} MiB more`)
    assert.ok(megabytes < 64, `${megabytes} MiB`)
    assert.ok(windows.stats(1300).forgotten > 2 * (1 << 17))
  })

  it('who has spent a window or a quota outlives a flood of a hundred times the capacity', () => {
    const windows = createMemoryWindowStore({ capacity: 1 << 10, seed })
    const quotas = createMemoryQuotaStore({ capacity: 1 << 10, seed })
    for (let i = 0; i < 10; i++) {
      windows.take('attacker', window, 1, 1000)
      quotas.take('attacker', daily, 1, noon)
    }
    for (let i = 0; i < 100 * (1 << 10); i++) {
      windows.take(`flood${i}`, window, 1, 2000)
      quotas.take(`flood${i}`, daily, 1, noon)
      if (i % 512 === 0) {
        assert.equal(windows.take('attacker', window, 1, 2000).allowed, false)
        assert.equal(quotas.take('attacker', daily, 1, noon).allowed, false)
      }
    }
  })

  it('places: 200,000 keys that are given back leave nothing', () => {
    const places = createMemoryPlaceStore()
    for (let i = 0; i < 200_000; i++) {
      places.acquire(`k${i}`, 2, 'a', 60_000, 1000)
      places.release(`k${i}`, 'a', 1001)
    }
    assert.equal(places.size, 0)
  })

  it('a time, a cost or a window that is no number refuses', () => {
    const windows = createMemoryWindowStore({ capacity: 16, seed })
    const quotas = createMemoryQuotaStore({ capacity: 16, seed })
    for (const now of [Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.equal(windows.take('k', window, 1, now).allowed, false)
      assert.equal(quotas.take('k', daily, 1, now).allowed, false)
    }
    for (const cost of [Number.NaN, 0.5, Number.POSITIVE_INFINITY]) {
      assert.equal(windows.take('k', window, cost, 1000).allowed, false)
      assert.equal(quotas.take('k', daily, cost, noon).allowed, false)
    }
    assert.equal(windows.take('k', { ...window, windowMs: 0 }, 1, 1000).allowed, false)
  })
})
