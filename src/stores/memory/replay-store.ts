import type { ReplayAnswer, ReplayStore } from '../../kernel/replay.ts'
import { TimeTable } from './time-table.ts'

export interface MemoryReplayStoreOptions {
  /** Most keys that are known at once; 16 bytes each. Default 262,144, which is 4 MiB. */
  readonly capacity?: number
  /** Two random words; made here by default. Given in tests alone. */
  readonly seed?: readonly [number, number]
  /** Memory of several threads, 16 bytes a slot; of this thread by default. */
  readonly memory?: SharedArrayBuffer
}

/** A replay store in this process; answers at once. */
export interface MemoryReplayStore extends ReplayStore {
  admit(key: string, ttlMs: number, now: number): ReplayAnswer
  /** For metrics: `live` walks the table. */
  stats(now: number): { capacity: number; live: number; refused: number }
}

/**
 * One-time values in fixed memory: a key is a 64-bit keyed hash and the time until which it must be known. What two
 * keys of one hash cost is a refused proof, never an accepted one; with a million keys the odds are 1 in 10^13.
 */
export function createMemoryReplayStore(options: MemoryReplayStoreOptions = {}): MemoryReplayStore {
  const words = crypto.getRandomValues(new Uint32Array(2))
  const { capacity = 1 << 18, seed = [words[0] ?? 0, words[1] ?? 0] } = options
  const table = new TimeTable(capacity, seed, 'refuse', options.memory)
  return {
    admit(key, ttlMs, now) {
      if (table.seek(key) > now) return 'seen'
      return table.place(now + ttlMs, now) === 0 ? 'fresh' : 'full'
    },
    stats: (now) => ({ capacity: table.capacity, live: table.live(now), refused: table.refused }),
  }
}
