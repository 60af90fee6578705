import type { RateDecision, RateSpec, RateStore } from '../../kernel/ports.ts'
import { randomSeed } from './random-seed.ts'
import { TimeTable, type WhenFull } from './time-table.ts'

export interface MemoryRateStoreOptions {
  /** Most keys that may be in debt or locked at once; 16 bytes each. Default 1,048,576, which is 16 MiB. */
  readonly capacity?: number
  /** Default `forget-least`. */
  readonly whenFull?: WhenFull
  /** Two random words; made here by default. Given in tests alone. */
  readonly seed?: readonly [number, number]
  /** Memory of several threads, 16 bytes a slot; of this thread by default. */
  readonly memory?: SharedArrayBuffer
}

/** A rate store in this process; answers at once. */
export interface MemoryRateStore extends RateStore {
  take(key: string, spec: RateSpec, cost: number, now: number): RateDecision
  charge(key: string, spec: RateSpec, cost: number, now: number): void
  locked(key: string, now: number): number
  lock(key: string, durationMs: number, now: number): void
  unlock(key: string): void
  /** For metrics: `live` walks the table. */
  stats(now: number): { capacity: number; live: number; forgotten: number; refused: number }
}

// Times lie on a grid of 2^-16 ms: sums and differences of doubles are then exact for four years of uptime, and
// so is the count of calls.
const grid = 65536

/**
 * Exact GCRA (ITU-T I.371 Annex A, virtual scheduling) in fixed memory. A key is one number, the time at which its
 * budget is whole again; `rate` per `windowMs` refills evenly, so no window edge lets a burst through twice.
 */
export function createMemoryRateStore(options: MemoryRateStoreOptions = {}): MemoryRateStore {
  const { capacity = 1 << 20, whenFull = 'forget-least', seed = randomSeed() } = options
  const table = new TimeTable(capacity, seed, whenFull, options.memory)
  // Locks are the same kind of entry under keys that no budget has.
  const lockOf = (key: string): string => `\0${key}`

  return {
    take(key, spec, cost, now) {
      const time = Math.floor(now * grid) / grid
      const interval = Math.ceil((spec.windowMs / spec.rate) * grid) / grid
      const most = interval * spec.burst
      const owed = Math.max(table.seek(key), time)
      const next = Math.max(owed + interval * cost, time)
      // Written so that a value that is no number, or has no end, refuses.
      const fits = next - time <= most && most < Number.POSITIVE_INFINITY
      if (!fits && !(cost <= 0))
        return {
          allowed: false,
          remaining: Math.max(0, Math.floor((most - (owed - time)) / interval)),
          resetMs: owed - time,
          retryMs: cost > spec.burst ? Number.POSITIVE_INFINITY : next - most - time,
        }
      if (cost !== 0) {
        const full = table.place(next, time)
        if (full > 0) return { allowed: false, remaining: 0, resetMs: full - time, retryMs: full - time }
      }
      return {
        allowed: true,
        remaining: Math.max(0, Math.floor((most - (next - time)) / interval)),
        resetMs: next - time,
        retryMs: 0,
      }
    },
    charge(key, spec, cost, now) {
      const time = Math.floor(now * grid) / grid
      const interval = Math.ceil((spec.windowMs / spec.rate) * grid) / grid
      const owed = Math.max(table.seek(key), time)
      const most = time + 2 * interval * spec.burst
      if (cost > 0 && most < Number.POSITIVE_INFINITY)
        table.place(Math.max(owed, Math.min(owed + interval * cost, most)), time)
    },
    locked: (key, now) => Math.max(0, table.seek(lockOf(key)) - now),
    lock(key, durationMs, now) {
      const until = now + durationMs
      if (until > table.seek(lockOf(key))) table.place(until, now)
    },
    unlock(key) {
      if (table.seek(lockOf(key)) > 0) table.place(0, 0)
    },
    stats: (now) => ({
      capacity: table.capacity,
      live: table.live(now),
      forgotten: table.forgotten,
      refused: table.refused,
    }),
  }
}
