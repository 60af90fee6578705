import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createGenerationCache } from './generation-cache.ts'

test('entries and bytes are bounded under any flood', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ key: fc.nat({ max: 500 }), bytes: fc.nat({ max: 300 }), read: fc.boolean() }), {
        maxLength: 2000,
      }),
      (steps) => {
        const cache = createGenerationCache<number>({ entries: 50, bytes: 2000 })
        const kept = new Map<string, number>()
        for (const { key, bytes, read } of steps) {
          const name = `k${key}`
          if (read) {
            const value = cache.get(name)
            if (value !== undefined) assert.equal(value, kept.get(name))
          } else {
            cache.set(name, bytes, bytes)
            kept.set(name, bytes)
          }
          assert.ok(cache.size <= 50)
          assert.ok(cache.bytes <= 2000)
        }
      },
    ),
    { numRuns: 100 },
  )
})

test('what is used stays, what is not goes', () => {
  const cache = createGenerationCache<number>({ entries: 20, bytes: 1e6 })
  cache.set('hot', 1, 1)
  cache.set('cold', 2, 1)
  for (let i = 0; i < 100; i++) {
    cache.set(`x${i}`, i, 1)
    assert.equal(cache.get('hot'), 1)
  }
  assert.equal(cache.get('cold'), undefined)
  cache.clear()
  assert.equal(cache.get('hot'), undefined)
  assert.equal(cache.size, 0)
})

test('what is larger than a generation is not kept', () => {
  const cache = createGenerationCache<number>({ entries: 20, bytes: 100 })
  cache.set('big', 1, 51)
  assert.equal(cache.get('big'), undefined)
})
