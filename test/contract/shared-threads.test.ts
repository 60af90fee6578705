import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { createSharedLedger } from '../../src/stores/memory/shared-ledger.ts'
import { createSharedMemory } from '../../src/stores/memory/shared-memory.ts'
import { createSharedStores } from '../../src/stores/memory/shared-stores.ts'
import type { ThreadJob, ThreadResult } from './children/shared-thread.ts'

const threads = 4
const sizes = {
  rates: 4096,
  windows: 1024,
  quotas: 1024,
  places: 1024,
  connections: 16,
  replays: 1 << 16,
  objects: 1 << 14,
  holders: 1024,
  destinations: 1024,
  scopes: 64,
  flows: 64,
}

async function start(what: ThreadJob['what'], rounds: number) {
  const memory = createSharedMemory(sizes)
  const board = new SharedArrayBuffer(5 * 4)
  const words = new Int32Array(board)
  words[4] = threads
  const secret = randomBytes(16)
  const all = Array.from({ length: threads }, (_, i) => {
    const workerData: ThreadJob = { memory, owner: i + 1, what, rounds, board, secret }
    return new Worker(new URL('./children/shared-thread.ts', import.meta.url), { workerData })
  })
  const results = all.map((one) => once(one, 'message').then(([result]) => result as ThreadResult))
  while (Atomics.load(words, 0) < threads) await new Promise((resolve) => setTimeout(resolve, 5))
  Atomics.store(words, 1, 1)
  Atomics.notify(words, 1)
  return { memory, words, secret, all, results }
}

test('four threads at once: every limit is exact, every one-time value passes once, all know what each gave', async () => {
  const { results } = await start('count', 10_000)
  const all = await Promise.all(results)
  const sum = (name: keyof ThreadResult): number => all.reduce((total, one) => total + one[name], 0)
  assert.equal(sum('rates'), 5 * 1000)
  assert.equal(sum('windows'), 5 * 700)
  assert.equal(sum('quotas'), 5 * 900)
  assert.equal(sum('fresh'), 10_000)
  assert.deepEqual(
    all.map(({ shown }) => shown),
    all.map(() => threads * 100),
  )
  assert.ok(
    all.every(({ rates }) => rates > 0),
    'all of them had a share',
  )
})

test('four threads at once: never more hold a place than there are', async () => {
  const { words, results, memory } = await start('hold', 20_000)
  await Promise.all(results)
  const most = Atomics.load(words, 3)
  assert.ok(most >= 1 && most <= 3, String(most))
  const { places } = createSharedStores({ memory, owner: 9 }).limits
  const three = ['a', 'b', 'c'].map((holder) => places.acquire('k', 3, holder, 1000, 1000))
  assert.deepEqual(
    three.map((one) => (one instanceof Promise ? undefined : one.allowed)),
    [true, true, true],
    'all were given back',
  )
})

test('threads that are ended in the middle: their locks open, their places come back, the rest goes on', async () => {
  for (let round = 0; round < 3; round++) {
    const { all, memory, secret, results } = await start('endless', 0)
    for (const one of results) one.catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 20))
    await Promise.all(all.map((one) => one.terminate()))
    const own = createSharedStores({ memory, owner: 9 })
    for (let owner = 1; owner <= threads; owner++) own.leave(owner)
    const began = performance.now()
    for (let i = 0; i < 3; i++) {
      const place = own.limits.places.acquire('k', 3, `new ${i}`, 1000, 1000)
      assert.ok(!(place instanceof Promise) && place.allowed, `place ${i}`)
    }
    for (let i = 0; i < 100; i++) own.limits.rates.take(`k${i}`, { rate: 1, windowMs: 1, burst: 1 }, 1, 9000)
    const ledger = createSharedLedger({ memory, owner: 9, secret })
    ledger.give('h1', 'mine', 'owned', Date.now() + 3_600_000, Date.now())
    assert.equal(ledger.standing('h1', 'mine', Date.now()), 'owned')
    assert.ok(performance.now() - began < 900, 'no lock had to be waited for')
  }
})
