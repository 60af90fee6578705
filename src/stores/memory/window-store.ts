import { type WindowSpec, type WindowStore, windowParts } from '../../kernel/limit-store.ts'
import type { RateDecision } from '../../kernel/ports.ts'
import { type Arrays, ownArrays } from './arrays.ts'
import { CountTable } from './count-table.ts'
import { randomSeed } from './random-seed.ts'

export interface MemoryWindowStoreOptions {
  /** Most keys that are counted at once; 96 bytes each. Default 131,072, which is 12 MiB. */
  readonly capacity?: number
  /** Two random words; made here by default. Given in tests alone. */
  readonly seed?: readonly [number, number]
  /** Where the memory comes from; of this thread by default. */
  readonly arrays?: Arrays
}

/** Sliding windows in this process; answers at once. */
export interface MemoryWindowStore extends WindowStore {
  take(key: string, spec: WindowSpec, cost: number, now: number): RateDecision
  charge(key: string, spec: WindowSpec, cost: number, now: number): void
  /** For metrics: `live` walks the table. */
  stats(now: number): { capacity: number; live: number; forgotten: number }
}

/** Parts that are counted: the present one, and a whole window before it. */
const counted = windowParts + 1

/**
 * Sliding windows in fixed memory: for each key the counts of its parts, in a ring by part number. The memory is
 * allocated with the first key, so that a gateway without such limits does not pay for them.
 */
export function createMemoryWindowStore(options: MemoryWindowStoreOptions = {}): MemoryWindowStore {
  const { capacity = 1 << 17, seed = randomSeed(), arrays = ownArrays } = options
  let table: CountTable | undefined
  let counts: Uint32Array = new Uint32Array(0)
  let newest: Float64Array = new Float64Array(0)

  /** The place of a key with its ring moved on to `part`; -1 where nothing of it is counted. */
  function seek(key: string, part: number, now: number): number {
    if (table === undefined) {
      table = new CountTable(capacity, seed, arrays)
      counts = arrays.uint32(table.capacity * counted)
      newest = arrays.float64(table.capacity)
    }
    const at = table.seek(key, now)
    if (at < 0) return -1
    const last = newest[at] ?? 0
    if (part > last) {
      const steps = Math.min(part - last, counted)
      for (let step = 1; step <= steps; step++) counts[at * counted + ((last + step) % counted)] = 0
      // A step over the whole ring leaves nothing, whatever the numbers between.
      newest[at] = part
    }
    return at
  }

  function sumAt(at: number): number {
    let sum = 0
    for (let i = at * counted; i < (at + 1) * counted; i++) sum += counts[i] ?? 0
    return sum
  }

  /** When the part leaves the count, ms. */
  const leaves = (part: number, spec: WindowSpec): number => ((part + counted) * spec.windowMs) / windowParts

  function resetOf(at: number, spec: WindowSpec, now: number): number {
    const last = newest[at] ?? 0
    for (let back = 0; back < counted; back++)
      if ((counts[at * counted + ((((last - back) % counted) + counted) % counted)] ?? 0) > 0)
        return Math.max(0, leaves(last - back, spec) - now)
    return 0
  }

  /** Until as much has left that `needed` more fit. */
  function retryOf(at: number, spec: WindowSpec, needed: number, now: number): number {
    const last = newest[at] ?? 0
    let freed = 0
    for (let back = counted - 1; back >= 0; back--) {
      freed += counts[at * counted + ((((last - back) % counted) + counted) % counted)] ?? 0
      if (freed >= needed) return Math.max(0, leaves(last - back, spec) - now)
    }
    return Number.POSITIVE_INFINITY
  }

  function add(at: number, cost: number): void {
    const slot = at * counted + ((newest[at] ?? 0) % counted)
    counts[slot] = (counts[slot] ?? 0) + cost
  }

  function giveBack(at: number, cost: number): void {
    const last = newest[at] ?? 0
    let left = cost
    for (let back = 0; back < counted && left > 0; back++) {
      const slot = at * counted + ((((last - back) % counted) + counted) % counted)
      const given = Math.min(left, counts[slot] ?? 0)
      counts[slot] = (counts[slot] ?? 0) - given
      left -= given
    }
  }

  function change(key: string, spec: WindowSpec, cost: number, now: number, forced: boolean): RateDecision {
    const part = Math.floor((now * windowParts) / spec.windowMs)
    if (!Number.isFinite(part) || !Number.isInteger(cost)) return broken
    let at = seek(key, part, now)
    // Time that goes back counts as the newest that was seen.
    const sum = at < 0 ? 0 : sumAt(at)
    const { quota } = spec
    if (!forced && cost > 0 && sum + cost > quota)
      return {
        allowed: false,
        remaining: Math.max(0, quota - sum),
        resetMs: at < 0 ? 0 : resetOf(at, spec, now),
        retryMs:
          cost > quota || at < 0 ? Number.POSITIVE_INFINITY : retryOf(at, spec, sum + cost - quota, now),
      }
    const added = forced ? Math.max(0, Math.min(cost, 2 * quota - sum)) : cost
    if (added > 0 && at < 0 && table !== undefined) {
      at = table.place(now)
      counts.fill(0, at * counted, (at + 1) * counted)
      newest[at] = part
    }
    if (added > 0) add(at, added)
    if (added < 0 && at >= 0) giveBack(at, -added)
    const total = Math.max(0, sum + added)
    if (at >= 0) table?.keep(at, leaves(newest[at] ?? 0, spec), total / quota)
    return {
      allowed: true,
      remaining: Math.max(0, quota - total),
      resetMs: at < 0 ? 0 : resetOf(at, spec, now),
      retryMs: 0,
    }
  }

  return {
    take: (key, spec, cost, now) => change(key, spec, cost, now, false),
    charge(key, spec, cost, now) {
      if (cost > 0) change(key, spec, cost, now, true)
    },
    stats: (now) => ({
      capacity: table?.capacity ?? 0,
      live: table?.live(now) ?? 0,
      forgotten: table?.forgotten ?? 0,
    }),
  }
}

/** A time, a window or a cost that is no number refuses. */
const broken: RateDecision = Object.freeze({
  allowed: false,
  remaining: 0,
  resetMs: 0,
  retryMs: Number.POSITIVE_INFINITY,
})
