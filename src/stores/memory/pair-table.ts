const ways = 8
/** Words of an entry: hash of the thing, hash of the holder, and `end << 2 | kind`. */
const words = 5

/** Bytes of a table of pairs, and of a `TimeTable` of their holders with four words beside each. */
export function pairBytes(pairs: number, holders: number): number {
  return pairs * words * 4 + holders * (16 + 4 * 4) + 64
}

/** The pairs in memory that begins with the table of their holders. */
export function pairsIn(memory: SharedArrayBuffer, pairs: number, holders: number): PairTable {
  return new PairTable(new Uint32Array(memory, holders * 16, pairs * words))
}

/** The `nth` word beside each holder, 0 to 3. */
export function besideHolders(
  memory: SharedArrayBuffer,
  pairs: number,
  holders: number,
  nth: number,
): Uint32Array {
  return new Uint32Array(memory, holders * 16 + pairs * words * 4 + nth * holders * 4, holders)
}

/** What had to go for another entry. */
export interface Displaced {
  readonly holderHigh: number
  readonly holderLow: number
}

/**
 * Things of all holders in fixed memory: 128 bits of keyed hashes → kind and end (in minutes or seconds, 30 bits), 20 bytes each.
 * Each entry may live in two buckets of eight; where all sixteen are live the one goes whose time ends first, of the same holder where
 * that holder is over its share. To be used under a lock.
 */
export class PairTable {
  readonly capacity: number
  readonly #slots: Uint32Array
  readonly #mask: number

  constructor(slots: Uint32Array) {
    this.#slots = slots
    this.capacity = slots.length / words
    this.#mask = this.capacity / ways - 1
  }

  /** `end << 2 | kind` of an entry that has not ended; else 0. */
  find(thingHigh: number, thingLow: number, high: number, low: number, now: number): number {
    const at = this.#seek(thingHigh, thingLow, high, low, now)
    return at < 0 ? 0 : (this.#slots[at + 4] ?? 0)
  }

  /**
   * Writes an entry. `own`: only an entry of the same holder may go for it. Returns what had to go, `full` where nothing
   * could, undefined where there was room.
   */
  put(
    thingHigh: number,
    thingLow: number,
    high: number,
    low: number,
    word: number,
    now: number,
    own: boolean,
  ): Displaced | 'full' | undefined {
    const slots = this.#slots
    const known = this.#seek(thingHigh, thingLow, high, low, now)
    if (known >= 0) {
      slots[known + 4] = word
      return undefined
    }
    const first = this.#first(thingLow, low)
    const second = this.#second(thingHigh, high)
    let free = -1
    let most = 0
    let victim = -1
    let least = Number.POSITIVE_INFINITY
    for (const bucket of [first, second]) {
      let frees = 0
      let empty = -1
      for (let way = 0; way < ways; way++) {
        const at = (bucket * ways + way) * words
        const held = slots[at + 4] ?? 0
        if (held >>> 2 <= now) {
          frees++
          empty = at
        } else if (held < least && (!own || (slots[at + 2] === high && slots[at + 3] === low))) {
          least = held
          victim = at
        }
      }
      if (frees > most) {
        most = frees
        free = empty
      }
    }
    const at = own ? victim : free >= 0 ? free : victim
    if (at < 0) return 'full'
    const displaced =
      at === victim ? { holderHigh: slots[at + 2] ?? 0, holderLow: slots[at + 3] ?? 0 } : undefined
    // Ended first, so that who dies in between leaves no entry of mixed halves.
    slots[at + 4] = 0
    slots[at] = thingHigh
    slots[at + 1] = thingLow
    slots[at + 2] = high
    slots[at + 3] = low
    slots[at + 4] = word
    return displaced
  }

  /** Live entries of a holder of these kinds; walks the table. */
  count(now: number, holder: readonly [high: number, low: number], kinds: readonly number[]): number {
    const slots = this.#slots
    let count = 0
    for (let at = 0; at < slots.length; at += words) {
      const word = slots[at + 4] ?? 0
      if (slots[at + 2] === holder[0] && slots[at + 3] === holder[1] && word >>> 2 > now)
        if (kinds.includes(word & 3)) count++
    }
    return count
  }

  #first(thingLow: number, low: number): number {
    return (thingLow ^ Math.imul(low, 0x9e3779b1)) & this.#mask
  }

  #second(thingHigh: number, high: number): number {
    return (thingHigh ^ Math.imul(high, 0x85ebca6b)) & this.#mask
  }

  #seek(thingHigh: number, thingLow: number, high: number, low: number, now: number): number {
    const slots = this.#slots
    let bucket = this.#first(thingLow, low)
    for (let turn = 0; turn < 2; turn++) {
      for (let way = 0; way < ways; way++) {
        const at = (bucket * ways + way) * words
        if (
          slots[at] === thingHigh &&
          slots[at + 1] === thingLow &&
          slots[at + 2] === high &&
          slots[at + 3] === low &&
          (slots[at + 4] ?? 0) >>> 2 > now
        )
          return at
      }
      bucket = this.#second(thingHigh, high)
    }
    return -1
  }
}
