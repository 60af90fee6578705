import { type Arrays, ownArrays } from './arrays.ts'
import { KeyedHash } from './keyed-hash.ts'
import { slotsOf } from './time-table.ts'

const ways = 8

/**
 * Key → a place in arrays of numbers that the owner keeps beside it, in fixed memory. An entry is free once the time
 * that `keep` gave it has come. Each key may live in two buckets of eight, as in `TimeTable`; where all sixteen are live,
 * the one with the least weight is forgotten: whoever has used up most is forgotten last. Forgotten ones are counted.
 */
export class CountTable {
  readonly capacity: number
  /** Live keys that were forgotten before their time. */
  forgotten = 0
  readonly #hash: KeyedHash
  readonly #mask: number
  readonly #until: Float64Array
  readonly #weight: Float32Array
  readonly #high: Uint32Array
  readonly #low: Uint32Array

  /** `capacity` is rounded up to a power of two, at least 16; 20 bytes each. */
  constructor(capacity: number, seed: readonly [number, number], arrays: Arrays = ownArrays) {
    this.capacity = slotsOf(capacity)
    this.#hash = new KeyedHash(seed)
    this.#mask = this.capacity / ways - 1
    this.#until = arrays.float64(this.capacity)
    this.#weight = arrays.float32(this.capacity)
    this.#high = arrays.uint32(this.capacity)
    this.#low = arrays.uint32(this.capacity)
  }

  /** The place of a live key; -1 where there is none. */
  seek(key: string, now: number): number {
    this.#hash.update(key)
    const { high, low } = this.#hash
    const found = this.#find((high & this.#mask) * ways, high, low, now)
    return found >= 0 ? found : this.#find((low & this.#mask) * ways, high, low, now)
  }

  /** A place for the key last sought, which has none: a free one, or that of the entry with the least weight. */
  place(now: number): number {
    const { high, low } = this.#hash
    const first = (high & this.#mask) * ways
    const second = (low & this.#mask) * ways
    const [freeFirst, leastFirst] = this.#survey(first, now)
    const [freeSecond, leastSecond] = this.#survey(second, now)
    let at: number
    if (freeFirst > 0 || freeSecond > 0) at = freeFirst >= freeSecond ? leastFirst : leastSecond
    else {
      at = this.weightAt(leastFirst) <= this.weightAt(leastSecond) ? leastFirst : leastSecond
      this.forgotten++
    }
    this.#high[at] = high
    this.#low[at] = low
    return at
  }

  /** Keeps an entry until a time. `weight`: how much of its budget is used. */
  keep(at: number, until: number, weight: number): void {
    this.#until[at] = until
    this.#weight[at] = weight
  }

  reweigh(at: number, weight: number): void {
    this.#weight[at] = weight
  }

  weightAt(at: number): number {
    return this.#weight[at] ?? 0
  }

  /** Live keys; walks the whole table. */
  live(now: number): number {
    let count = 0
    for (const until of this.#until) if (until > now) count++
    return count
  }

  #find(from: number, high: number, low: number, now: number): number {
    for (let at = from; at < from + ways; at++)
      if (this.#high[at] === high && this.#low[at] === low && (this.#until[at] ?? 0) > now) return at
    return -1
  }

  /** How many entries of a bucket are free, and which one to take: a free one, else the lightest. */
  #survey(from: number, now: number): readonly [free: number, at: number] {
    let free = 0
    let at = from
    let least = Number.POSITIVE_INFINITY
    for (let one = from; one < from + ways; one++) {
      const live = (this.#until[one] ?? 0) > now
      if (!live) free++
      const weight = live ? this.weightAt(one) : -1
      if (weight < least) {
        least = weight
        at = one
      }
    }
    return [free, at]
  }
}
