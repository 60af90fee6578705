import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DecisionCache } from './decision-cache.ts'

test('a decision is as old as its question, never older than it may be, and the number is bounded', () => {
  let now = 1_000
  const cache = new DecisionCache({ now: () => now, monotonic: () => now }, 3)
  cache.put('a', true, 1_000, 100)
  now = 1_099
  assert.equal(cache.get('a'), true)
  now = 1_100
  assert.equal(cache.get('a'), undefined)
  assert.equal(cache.size, 0)
  // The answer came late: what it says is as old as the question.
  cache.put('b', false, 1_050, 100)
  assert.equal(cache.get('b'), false)
  now = 1_150
  assert.equal(cache.get('b'), undefined)
  cache.put('c', true, now, 0)
  assert.equal(cache.get('c'), undefined)
  cache.put('x'.repeat(3_000), true, now, 100)
  assert.equal(cache.size, 0)
  for (const key of ['1', '2', '3', '4']) cache.put(key, true, now, 100)
  assert.deepEqual(
    ['1', '2', '3', '4'].map((key) => cache.get(key)),
    [undefined, true, true, true],
  )
})
