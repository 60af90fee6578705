import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RateSpec } from '../../kernel/ports.ts'
import { KeyedHash } from './keyed-hash.ts'
import { createMemoryRateStore } from './rate-store.ts'

const spec: RateSpec = { rate: 10, windowMs: 60_000, burst: 10 }

describe('keyed hash', () => {
  it('no two texts of a large set collide, and the seed changes everything', () => {
    const seen = new Set<string>()
    const hash = new KeyedHash([1, 2])
    const other = new KeyedHash([1, 3])
    let same = 0
    for (let i = 0; i < 200_000; i++) {
      const text = i.toString(36)
      hash.update(text)
      other.update(text)
      if (hash.low === other.low || hash.high === other.high) same++
      seen.add(`${hash.high}:${hash.low}`)
    }
    for (const text of [
      '',
      '\0',
      '\0\0',
      '\0\0\0',
      'AB',
      'BA',
      '\u0101',
      '\u0001\u0001',
      'a'.repeat(70_000),
    ]) {
      hash.update(text)
      seen.add(`${hash.high}:${hash.low}`)
    }
    assert.equal(seen.size, 200_009)
    assert.ok(same < 5)
  })
  it('spreads evenly: no bucket far above the mean', () => {
    const counts = new Uint32Array(1024)
    const hash = new KeyedHash([7, 9])
    for (let i = 0; i < 102_400; i++) {
      hash.update(`caller:${i}`)
      const bucket = hash.high & 1023
      counts[bucket] = (counts[bucket] ?? 0) + 1
    }
    assert.ok(Math.max(...counts) < 160 && Math.min(...counts) > 50)
  })
})

describe('memory rate store', () => {
  it('fills 70 % of its slots with live keys and forgets none', () => {
    const store = createMemoryRateStore({ capacity: 1 << 16, seed: [3, 4] })
    const keys = Math.floor(0.7 * (1 << 16))
    for (let i = 0; i < keys; i++) store.take(`k${i}`, spec, 1, 1000)
    const { live, forgotten } = store.stats(1000)
    assert.deepEqual([live, forgotten], [keys, 0])
  })

  it('an exhausted key outlives a flood of ten times the capacity', () => {
    const store = createMemoryRateStore({ capacity: 1 << 12, seed: [5, 6] })
    for (let i = 0; i < 20; i++) store.take('attacker', spec, 1, 1000)
    for (let i = 0; i < 10 * (1 << 12); i++) {
      store.take(`flood${i}`, spec, 1, 1000)
      if (i % 64 === 0) assert.equal(store.take('attacker', spec, 1, 1000).allowed, false)
    }
    assert.ok(store.stats(1000).forgotten > 0)
  })

  it('a lock outlives the same flood', () => {
    const store = createMemoryRateStore({ capacity: 1 << 12, seed: [5, 6] })
    store.lock('account', 900_000, 1000)
    for (let i = 0; i < 10 * (1 << 12); i++) store.take(`flood${i}`, spec, 10, 1000)
    assert.equal(store.locked('account', 1000), 900_000)
  })

  it('with "refuse" a full table refuses new keys, keeps old ones, and heals by itself', () => {
    const store = createMemoryRateStore({ capacity: 16, whenFull: 'refuse', seed: [1, 1] })
    const allowed = Array.from({ length: 100 }, (_, i) => store.take(`k${i}`, spec, 10, 1000)).filter(
      (decision) => decision.allowed,
    ).length
    assert.equal(allowed, 16)
    assert.equal(store.stats(1000).refused, 84)
    assert.ok(store.take('new', spec, 1, 1000).retryMs > 0)
    assert.equal(store.take('new', spec, 1, 62_000).allowed, true)
  })

  it('a time or a rate that is no number refuses', () => {
    const store = createMemoryRateStore()
    assert.equal(store.take('k', spec, 1, Number.NaN).allowed, false)
    assert.equal(store.take('k', { ...spec, rate: 0 }, 1, 1000).allowed, false)
    assert.equal(store.take('k', { ...spec, windowMs: Number.NaN }, 1, 1000).allowed, false)
    assert.equal(store.take('k', spec, Number.NaN, 1000).allowed, false)
    assert.equal(store.take('k', spec, 1, 1000).allowed, true)
  })

  it('counts exactly after a year of uptime', () => {
    const store = createMemoryRateStore()
    const uneven: RateSpec = { rate: 7, windowMs: 1000, burst: 7 }
    const year = 365 * 86_400_000 + 0.123
    const allowed = Array.from({ length: 50 }, () => store.take('k', uneven, 1, year).allowed)
    assert.equal(allowed.filter(Boolean).length, 7)
  })

  it('ten million distinct keys stay under 64 MiB more resident memory', (t) => {
    const before = process.memoryUsage().rss
    const store = createMemoryRateStore()
    const started = performance.now()
    for (let i = 0; i < 10_000_000; i++) store.take(`caller:travel:${i}`, spec, 1, 1000 + i * 1e-4)
    const grown = (process.memoryUsage().rss - before) / 1048576
    const each = ((performance.now() - started) * 1000) / 10_000_000
    t.diagnostic(`${grown.toFixed(1)} MiB more, ${each.toFixed(2)} µs a take of a new key`)
    assert.ok(grown < 64, `${grown} MiB`)
    assert.equal(store.stats(2000).capacity, 1 << 20)
  })
})
