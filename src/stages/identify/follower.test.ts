import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../kernel/clock.ts'
import { createFollower } from './follower.ts'

describe('a follower of a store', () => {
  it('is not fresh before the first read, and does not start where that fails', async () => {
    const follower = createFollower({
      read: () => Promise.reject(new Error('down')),
      clock: systemClock,
      everyMs: 5,
      staleMs: 20,
    })
    assert.equal(follower.isFresh(), false)
    await assert.rejects(follower.start(), /down/)
    assert.equal(follower.isFresh(), false)
  })

  it('is stale once reading fails for too long, and fresh again once it works', async () => {
    let down = false
    const follower = createFollower({
      read: () => (down ? Promise.reject(new Error('down')) : Promise.resolve()),
      clock: systemClock,
      everyMs: 5,
      staleMs: 40,
    })
    await follower.start()
    down = true
    await sleep(15)
    assert.equal(follower.isFresh(), true, 'one failure is nothing')
    await sleep(100)
    assert.equal(follower.isFresh(), false)
    down = false
    await sleep(50)
    assert.equal(follower.isFresh(), true)
    follower.close()
  })

  it('a read that never ends makes it stale too, and is not joined by others', async () => {
    let reads = 0
    const follower = createFollower({
      read: () => (++reads === 1 ? Promise.resolve() : new Promise(() => {})),
      clock: systemClock,
      everyMs: 5,
      staleMs: 30,
    })
    await follower.start()
    await sleep(100)
    assert.equal(follower.isFresh(), false)
    assert.equal(reads, 2)
    follower.close()
  })

  it('who asks while a read is under way waits for one that begins later', async () => {
    const ends: (() => void)[] = []
    const follower = createFollower({
      read: () => new Promise((resolve) => ends.push(resolve)),
      clock: systemClock,
      everyMs: 60_000,
      staleMs: 60_000,
    })
    const first = follower.now()
    let second = 'waiting'
    const asked = [follower.now(), follower.now()]
    void Promise.all(asked).then(() => {
      second = 'done'
    })
    ends[0]?.()
    await first
    await sleep(5)
    assert.equal(second, 'waiting')
    assert.equal(ends.length, 2, 'both share one read')
    ends[1]?.()
    await Promise.all(asked)
  })
})
