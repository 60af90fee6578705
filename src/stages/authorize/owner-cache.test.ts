import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OwnerCache } from './owner-cache.ts'

function clockAt(): { now: number; clock: { now(): number; monotonic(): number } } {
  const at = { now: 0, clock: { now: () => at.now, monotonic: () => at.now } }
  return at
}

test('an owner is believed for a moment', () => {
  const time = clockAt()
  const cache = new OwnerCache(2_000, time.clock)
  cache.put('a', '123', cache.begin())
  time.now = 1_999
  assert.equal(cache.get('a'), '123')
  time.now = 2_000
  assert.equal(cache.get('a'), undefined)
})

test('a write forgets it, and so does every read that began before the write', () => {
  const time = clockAt()
  const cache = new OwnerCache(2_000, time.clock)
  cache.put('a', '123', cache.begin())
  const begun = cache.begin()
  cache.forget('a')
  assert.equal(cache.get('a'), undefined)
  cache.put('a', '123', begun)
  assert.equal(cache.get('a'), undefined, 'what was read before the write')
  cache.put('a', '456', cache.begin())
  assert.equal(cache.get('a'), '456')
})

test('bounded: the oldest go; a time of 0 keeps nothing', () => {
  const time = clockAt()
  const cache = new OwnerCache(2_000, time.clock, 3)
  for (const key of ['a', 'b', 'c', 'd']) cache.put(key, key, cache.begin())
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => cache.get(key)),
    [undefined, 'b', 'c', 'd'],
  )
  const none = new OwnerCache(0, time.clock)
  none.put('a', 'a', none.begin())
  assert.equal(none.get('a'), undefined)
})
