// One of several threads that use the same shared memory at the same moment; told what to do by `workerData`.
import { parentPort, workerData } from 'node:worker_threads'
import { createSharedLedger } from '../../../src/stores/memory/shared-ledger.ts'
import type { SharedMemory } from '../../../src/stores/memory/shared-memory.ts'
import { createSharedStores } from '../../../src/stores/memory/shared-stores.ts'

export interface ThreadJob {
  readonly memory: SharedMemory
  readonly owner: number
  readonly what: 'count' | 'hold' | 'endless'
  readonly rounds: number
  /** [0]: threads that are ready, [1]: 1 once they may begin, [2]: holders inside now, [3]: most ever inside. */
  readonly board: SharedArrayBuffer
  readonly secret: Uint8Array
}

export interface ThreadResult {
  readonly rates: number
  readonly windows: number
  readonly quotas: number
  readonly fresh: number
  /** Objects of the other threads that this one knows. */
  readonly shown: number
}

const { memory, owner, what, rounds, board, secret } = workerData as ThreadJob
const words = new Int32Array(board)
const { limits, replays } = createSharedStores({ memory, owner })
const ledger = createSharedLedger({ memory, owner, secret })
const noon = Date.UTC(2026, 10, 24, 12)
const far = Date.now() + 3_600_000

Atomics.add(words, 0, 1)
Atomics.notify(words, 0)
Atomics.wait(words, 1, 0)

if (what === 'hold')
  for (let i = 0; i < rounds; i++) {
    const holder = `${owner}:${i}`
    if (!(limits.places.acquire('k', 3, holder, 60_000, 1000) as { allowed: boolean }).allowed) continue
    const inside = Atomics.add(words, 2, 1) + 1
    for (let most = Atomics.load(words, 3); inside > most; most = Atomics.load(words, 3))
      Atomics.compareExchange(words, 3, most, inside)
    Atomics.sub(words, 2, 1)
    limits.places.release('k', holder, 1000)
  }

const taken = { rates: 0, windows: 0, quotas: 0, fresh: 0, shown: 0 }
if (what === 'count')
  for (let i = 0; i < rounds; i++) {
    const key = `k${i % 5}`
    const rate = limits.rates.take(key, { rate: 1000, windowMs: 3_600_000, burst: 1000 }, 1, 1000)
    if (rate instanceof Promise || rate.allowed) taken.rates++
    const window = limits.windows.take(key, { quota: 700, windowMs: 60_000 }, 1, 1000)
    if (window instanceof Promise || window.allowed) taken.windows++
    const quota = limits.quotas.take(key, { quota: 900, period: 'day' }, 1, noon)
    if (quota instanceof Promise || quota.allowed) taken.quotas++
    if (replays.admit(`jti ${i}`, 60_000, 1000) === 'fresh') taken.fresh++
    ledger.give('everybody', `${owner}/${i % 100}`, 'shown', far, Date.now())
  }
if (what === 'endless')
  for (let i = 0; ; i++) {
    limits.rates.take(`k${i % 5}`, { rate: 1000, windowMs: 1000, burst: 1000 }, 1, 1000)
    limits.places.acquire('k', 3, `${owner}:${i % 3}`, 60_000, 1000)
    ledger.give(`h${i % 7}`, `o ${i % 1000}`, 'shown', far, Date.now())
  }
// The others have given theirs when all are back here.
Atomics.add(words, 0, 1)
Atomics.notify(words, 0)
for (let back = Atomics.load(words, 0); back < 2 * Atomics.load(words, 4); back = Atomics.load(words, 0))
  Atomics.wait(words, 0, back, 100)
if (what === 'count')
  for (let other = 1; other <= Atomics.load(words, 4); other++)
    for (let i = 0; i < 100; i++)
      if (ledger.standing('everybody', `${other}/${i}`, Date.now()) === 'shown') taken.shown++
parentPort?.postMessage(taken satisfies ThreadResult)
