import { KeyedHash } from './keyed-hash.ts'

const ways = 8
// A bucket is 128 bytes, two cache lines side by side: eight times as doubles, then eight upper and eight lower
// halves of hashes.
const doubles = 16
const words = 32
const highAt = 16
const lowAt = 24

/** Slots of a table that is to have at least so many. */
export function slotsOf(capacity: number): number {
  return 2 ** Math.max(4, Math.ceil(Math.log2(capacity)))
}

/** What a table does for a new key where both buckets of it are full of live ones. */
export type WhenFull = 'forget-least' | 'refuse'

/**
 * Key → a time in the future, in fixed memory: 16 bytes per slot, allocated once, no object per key. A time that
 * has come is the same as no entry, so nothing has to be swept: its slot is simply free.
 *
 * Each key may live in two buckets of eight slots, chosen by a keyed 64-bit hash; a new key takes a free slot of
 * the emptier bucket, which keeps buckets from overflowing until some 70 % of all slots are live. Where all
 * sixteen are live, `forget-least` forgets the one whose time comes first. The least indebted goes, so a caller
 * who has spent a budget is forgotten last: to be forgotten they would have to bring every key around them as
 * deep into debt, which takes about `capacity` other keys, each as exhausted as theirs, within one window.
 * `refuse` keeps all and refuses the new key until a slot comes free. Both are counted.
 *
 * Two keys share an entry only if their hashes are equal: with ten million live keys the odds are 3 in a million.
 */
export class TimeTable {
  readonly capacity: number
  /** Live keys that were forgotten before their time. */
  forgotten = 0
  /** New keys that were refused. */
  refused = 0
  readonly #hash: KeyedHash
  readonly #whenFull: WhenFull
  readonly #mask: number
  readonly #until: Float64Array
  readonly #tags: Uint32Array
  /** Buckets of the key last sought, and its place or -1. */
  #first = 0
  #second = 0
  #bucket = -1
  #way = -1

  /** `capacity` is rounded up to a power of two, at least 16. `memory`: 16 zero bytes a slot, of one thread or of several. */
  constructor(
    capacity: number,
    seed: readonly [number, number],
    whenFull: WhenFull,
    memory?: SharedArrayBuffer,
    offset = 0,
  ) {
    this.capacity = slotsOf(capacity)
    this.#hash = new KeyedHash(seed)
    this.#whenFull = whenFull
    this.#mask = this.capacity / ways - 1
    const bytes = memory ?? new ArrayBuffer(this.capacity * 16)
    this.#until = new Float64Array(bytes, offset, this.capacity * 2)
    this.#tags = new Uint32Array(bytes, offset, this.capacity * 4)
  }

  /** Number of the slot that was last found or taken; -1 where the key last sought has none. */
  get slot(): number {
    return this.#way < 0 ? -1 : this.#bucket * ways + this.#way
  }

  /** The time in a slot. */
  untilAt(slot: number): number {
    return this.#until[Math.floor(slot / ways) * doubles + (slot % ways)] ?? 0
  }

  /** Frees a slot. */
  freeAt(slot: number): void {
    this.#until[Math.floor(slot / ways) * doubles + (slot % ways)] = 0
  }

  /** The time of a key, 0 where there is none. The next `place` writes to this key. */
  seek(key: string): number {
    this.#hash.update(key)
    return this.#locate(this.#hash.high, this.#hash.low)
  }

  /** The same by a keyed hash that somebody has already. */
  seekHash(high: number, low: number): number {
    this.#hash.high = high
    this.#hash.low = low
    return this.#locate(high, low)
  }

  #locate(high: number, low: number): number {
    this.#first = high & this.#mask
    this.#second = low & this.#mask
    this.#bucket = this.#first
    this.#way = this.#find(this.#first, high, low)
    if (this.#way < 0) {
      this.#bucket = this.#second
      this.#way = this.#find(this.#second, high, low)
      if (this.#way < 0) return 0
    }
    return this.#until[this.#bucket * doubles + this.#way] ?? 0
  }

  /**
   * Writes the time of the key last sought. Returns 0 when it is stored, else the time until which there is no
   * slot (`refuse` only).
   */
  place(until: number, now: number): number {
    if (this.#way < 0) {
      const free = this.#choose(now)
      if (!free && this.#whenFull === 'refuse') {
        this.refused++
        return this.#until[this.#bucket * doubles + this.#way] ?? Number.POSITIVE_INFINITY
      }
      if (!free) this.forgotten++
      const tag = this.#bucket * words + this.#way
      this.#tags[tag + highAt] = this.#hash.high
      this.#tags[tag + lowAt] = this.#hash.low
    }
    this.#until[this.#bucket * doubles + this.#way] = until
    return 0
  }

  /** Live keys; walks the whole table. */
  live(now: number): number {
    let count = 0
    for (let bucket = 0; bucket <= this.#mask; bucket++)
      for (let way = 0; way < ways; way++) if ((this.#until[bucket * doubles + way] ?? 0) > now) count++
    return count
  }

  #find(bucket: number, high: number, low: number): number {
    const tags = this.#tags
    const at = bucket * words
    for (let way = 0; way < ways; way++)
      if (tags[at + highAt + way] === high && tags[at + lowAt + way] === low) return way
    return -1
  }

  /**
   * Points at the slot that a new key takes: a free one of the emptier bucket (true), else the one of both
   * buckets whose time comes first (false).
   */
  #choose(now: number): boolean {
    let most = 0
    let least = Number.POSITIVE_INFINITY
    let bucket = this.#first
    for (let turn = 0; turn < 2; turn++) {
      let free = 0
      let earliest = Number.POSITIVE_INFINITY
      let slot = 0
      for (let way = 0; way < ways; way++) {
        const until = this.#until[bucket * doubles + way] ?? 0
        if (until <= now) free++
        if (until < earliest) {
          earliest = until
          slot = way
        }
      }
      if (free > most || (free === 0 && most === 0 && earliest < least)) {
        most = free
        least = earliest
        this.#bucket = bucket
        this.#way = slot
      }
      bucket = this.#second
    }
    return most > 0
  }
}
