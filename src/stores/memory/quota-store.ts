import type { QuotaSpec, QuotaStore } from '../../kernel/limit-store.ts'
import { periodAt } from '../../kernel/period.ts'
import type { RateDecision } from '../../kernel/ports.ts'
import { type Arrays, ownArrays } from './arrays.ts'
import { CountTable } from './count-table.ts'
import { randomSeed } from './random-seed.ts'

export interface MemoryQuotaStoreOptions {
  /** Most keys that are counted at once; 28 bytes each. Default 131,072, which is 3.5 MiB. */
  readonly capacity?: number
  /** Two random words; made here by default. Given in tests alone. */
  readonly seed?: readonly [number, number]
  /** Where the memory comes from; of this thread by default. */
  readonly arrays?: Arrays
}

/** Quotas in this process; answers at once, and forgets with the process. */
export interface MemoryQuotaStore extends QuotaStore {
  take(key: string, spec: QuotaSpec, cost: number, at: number): RateDecision
  charge(key: string, spec: QuotaSpec, cost: number, at: number): void
}

/** Quotas in fixed memory, which is allocated with the first key. */
export function createMemoryQuotaStore(options: MemoryQuotaStoreOptions = {}): MemoryQuotaStore {
  const { capacity = 1 << 17, seed = randomSeed(), arrays = ownArrays } = options
  let table: CountTable | undefined
  let spent: Float64Array = new Float64Array(0)

  function change(key: string, spec: QuotaSpec, cost: number, at: number, forced: boolean): RateDecision {
    if (table === undefined) {
      table = new CountTable(capacity, seed, arrays)
      spent = arrays.float64(table.capacity)
    }
    const { quota } = spec
    const { end } = periodAt(spec.period, at)
    const left = end - at
    if (!Number.isFinite(left) || !Number.isInteger(cost)) return broken
    let place = table.seek(key, at)
    const sum = place < 0 ? 0 : (spent[place] ?? 0)
    if (!forced && cost > 0 && sum + cost > quota)
      return {
        allowed: false,
        remaining: Math.max(0, quota - sum),
        resetMs: left,
        retryMs: cost > quota ? Number.POSITIVE_INFINITY : left,
      }
    const total = Math.max(0, forced ? Math.max(sum, Math.min(sum + cost, 2 * quota)) : sum + cost)
    if (place < 0 && total > 0) {
      place = table.place(at)
      table.keep(place, end, 0)
    }
    if (place >= 0) {
      spent[place] = total
      table.reweigh(place, total / quota)
    }
    return { allowed: true, remaining: Math.max(0, quota - total), resetMs: left, retryMs: 0 }
  }

  return {
    take: (key, spec, cost, at) => change(key, spec, cost, at, false),
    charge(key, spec, cost, at) {
      if (cost > 0) change(key, spec, cost, at, true)
    },
  }
}

/** A time or a cost that is no number refuses. */
const broken: RateDecision = Object.freeze({
  allowed: false,
  remaining: 0,
  resetMs: 0,
  retryMs: Number.POSITIVE_INFINITY,
})
