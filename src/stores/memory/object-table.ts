/** Words of a slot: two of the hash, one of `minutes << 2 | kind`. */
const words = 3
const smallest = 8
/** Kinds: 0 with no time is a free slot, `tombstone` one that was freed. */
const tombstone = 3
export const shown = 1
export const owned = 2
/** Slots looked at for the one that ends first, where a table is full. */
const window = 16

/**
 * Objects of one holder: 64-bit keyed hash → kind and minute of its end. Open addressing with linear probing in one typed
 * array, 12 bytes a slot, at most three quarters full. A full table forgets what ends first in the neighbourhood.
 */
export class ObjectTable {
  #slots = new Uint32Array(smallest * words)
  #capacity = smallest
  /** Slots that are not free: entries, ended ones among them, and tombstones. */
  #used = 0
  #entries = 0

  get bytes(): number {
    return this.#slots.byteLength
  }

  /** `minutes << 2 | kind` of an entry that has not ended, else 0. */
  find(high: number, low: number, nowMinutes: number): number {
    const at = this.#seek(high, low)
    if (at < 0) return 0
    const word = this.#slots[at + 2] as number
    return word >>> 2 > nowMinutes ? word : 0
  }

  /** Writes an entry; `most`: slots that this table may grow to. False where another entry had to go. */
  put(high: number, low: number, kind: number, minutes: number, nowMinutes: number, most: number): boolean {
    const word = ((minutes << 2) | kind) >>> 0
    const at = this.#seek(high, low)
    if (at >= 0) {
      this.#slots[at + 2] = word
      return true
    }
    let kept = true
    if ((this.#used + 1) * 4 > this.#capacity * 3) {
      const full = this.#capacity >= most && (this.#entries + 1) * 4 > this.#capacity * 3
      // A full table that is full of entries is cleaned once in a while; in between one goes for each that comes.
      if (!full || (this.#used + 1) * 8 > this.#capacity * 7) this.#rebuild(nowMinutes, most)
      if ((this.#entries + 1) * 4 > this.#capacity * 3) kept = !this.#evict(low, nowMinutes)
    }
    this.#insert(high, low, word)
    return kept
  }

  remove(high: number, low: number): void {
    const at = this.#seek(high, low)
    if (at < 0) return
    this.#slots[at + 2] = tombstone
    this.#entries--
  }

  /** Entries that have not ended; walks the table. */
  live(nowMinutes: number): number {
    let count = 0
    for (let at = 2; at < this.#slots.length; at += words)
      if ((this.#slots[at] as number) >>> 2 > nowMinutes) count++
    return count
  }

  #seek(high: number, low: number): number {
    const slots = this.#slots
    const mask = this.#capacity - 1
    for (let i = low & mask, n = 0; n <= mask; i = (i + 1) & mask, n++) {
      const at = i * words
      const word = slots[at + 2] as number
      if (word === 0) return -1
      if (word !== tombstone && slots[at] === high && slots[at + 1] === low) return at
    }
    return -1
  }

  #insert(high: number, low: number, word: number): void {
    const slots = this.#slots
    const mask = this.#capacity - 1
    let at = (low & mask) * words
    for (let i = low & mask; ; i = (i + 1) & mask) {
      at = i * words
      const held = slots[at + 2] as number
      if (held === tombstone) break
      if (held !== 0) continue
      this.#used++
      break
    }
    slots[at] = high
    slots[at + 1] = low
    slots[at + 2] = word
    this.#entries++
  }

  /** Drops what has ended and grows where that is not enough. */
  #rebuild(nowMinutes: number, most: number): void {
    const old = this.#slots
    const live = this.live(nowMinutes)
    let capacity = smallest
    while (capacity < most && (live + 1) * 2 > capacity) capacity *= 2
    this.#slots = new Uint32Array(capacity * words)
    this.#capacity = capacity
    this.#used = 0
    this.#entries = 0
    for (let at = 0; at < old.length; at += words) {
      const word = old[at + 2] as number
      if (word >>> 2 > nowMinutes) this.#insert(old[at] as number, old[at + 1] as number, word)
    }
  }

  /** Takes out, of the entries near a place, the one that ends first; true where it had not ended. */
  #evict(low: number, nowMinutes: number): boolean {
    const mask = this.#capacity - 1
    let victim = -1
    let least = Number.POSITIVE_INFINITY
    for (let n = 0, looked = 0; looked < window && n <= mask; n++) {
      const at = ((low + n) & mask) * words
      const held = this.#slots[at + 2] as number
      if (held === 0 || held === tombstone) continue
      looked++
      if (held >= least) continue
      least = held
      victim = at
    }
    if (victim < 0) return false
    this.#slots[victim + 2] = tombstone
    this.#entries--
    return least >>> 2 > nowMinutes
  }
}
