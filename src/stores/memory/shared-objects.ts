const ways = 8
/** Words of an entry: hash of the object, hash of the holder, and `minutes << 2 | kind`. */
const words = 5
/** Kind of an entry that says that the object was forgotten: what is read from a journal does not bring it back. */
export const gone = 3

/** Bytes of tables for so many objects and holders. */
export function objectBytes(objects: number, holders: number): number {
  return objects * words * 4 + holders * (16 + 4 * 4) + 64
}

/** What had to go for another entry. */
export interface Displaced {
  readonly holderHigh: number
  readonly holderLow: number
}

/**
 * Objects of all holders in fixed memory: 128 bits of keyed hashes → kind and minute of its end, 20 bytes each. Each entry may
 * live in two buckets of eight; where all sixteen are live the one goes whose time ends first, of the same holder where
 * that holder is over its share. To be used under a lock.
 */
export class SharedObjects {
  readonly capacity: number
  readonly #slots: Uint32Array
  readonly #mask: number

  constructor(slots: Uint32Array) {
    this.#slots = slots
    this.capacity = slots.length / words
    this.#mask = this.capacity / ways - 1
  }

  /** `minutes << 2 | kind` of an entry that has not ended, also of one that is gone; else 0. */
  find(objectHigh: number, objectLow: number, high: number, low: number, nowMinutes: number): number {
    const at = this.#seek(objectHigh, objectLow, high, low, nowMinutes)
    return at < 0 ? 0 : (this.#slots[at + 4] ?? 0)
  }

  /**
   * Writes an entry. `own`: only an entry of the same holder may go for it. Returns what had to go, `full` where nothing
   * could, undefined where there was room.
   */
  put(
    objectHigh: number,
    objectLow: number,
    high: number,
    low: number,
    word: number,
    nowMinutes: number,
    own: boolean,
  ): Displaced | 'full' | undefined {
    const slots = this.#slots
    const known = this.#seek(objectHigh, objectLow, high, low, nowMinutes)
    if (known >= 0) {
      slots[known + 4] = word
      return undefined
    }
    const first = this.#first(objectLow, low)
    const second = this.#second(objectHigh, high)
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
        if (held >>> 2 <= nowMinutes) {
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
    slots[at] = objectHigh
    slots[at + 1] = objectLow
    slots[at + 2] = high
    slots[at + 3] = low
    slots[at + 4] = word
    return displaced
  }

  /** Live objects of a holder, or of all; walks the table. */
  count(nowMinutes: number, holder?: readonly [high: number, low: number]): number {
    const slots = this.#slots
    let count = 0
    for (let at = 0; at < slots.length; at += words) {
      const word = slots[at + 4] ?? 0
      if (word >>> 2 <= nowMinutes || (word & 3) === gone) continue
      if (holder === undefined || (slots[at + 2] === holder[0] && slots[at + 3] === holder[1])) count++
    }
    return count
  }

  #first(objectLow: number, low: number): number {
    return (objectLow ^ Math.imul(low, 0x9e3779b1)) & this.#mask
  }

  #second(objectHigh: number, high: number): number {
    return (objectHigh ^ Math.imul(high, 0x85ebca6b)) & this.#mask
  }

  #seek(objectHigh: number, objectLow: number, high: number, low: number, nowMinutes: number): number {
    const slots = this.#slots
    let bucket = this.#first(objectLow, low)
    for (let turn = 0; turn < 2; turn++) {
      for (let way = 0; way < ways; way++) {
        const at = (bucket * ways + way) * words
        if (
          slots[at] === objectHigh &&
          slots[at + 1] === objectLow &&
          slots[at + 2] === high &&
          slots[at + 3] === low &&
          (slots[at + 4] ?? 0) >>> 2 > nowMinutes
        )
          return at
      }
      bucket = this.#second(objectHigh, high)
    }
    return -1
  }
}
