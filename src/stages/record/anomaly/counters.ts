/** A count that halves with time: what happened lately, in two numbers. */
export class Decaying {
  #value = 0
  #time = 0
  readonly #halfMs: number

  constructor(halfMs: number) {
    this.#halfMs = halfMs
  }

  add(now: number, by = 1): number {
    this.#value = this.at(now) + by
    this.#time = Math.max(this.#time, now)
    return this.#value
  }

  at(now: number): number {
    return this.#value * 2 ** (-Math.max(0, now - this.#time) / this.#halfMs)
  }
}

/** Distinct values of a window, exactly up to `most`; begins anew when the window is over. */
export class DistinctWindow {
  readonly #seen = new Set<number>()
  #since = 0
  readonly #windowMs: number
  readonly #most: number

  constructor(windowMs: number, most = 64) {
    this.#windowMs = windowMs
    this.#most = most
  }

  add(now: number, value: number): number {
    if (now - this.#since > this.#windowMs) {
      this.#seen.clear()
      this.#since = now
    }
    if (this.#seen.size < this.#most) this.#seen.add(value)
    return this.#seen.size
  }

  clear(): void {
    this.#seen.clear()
  }
}

/**
 * Distinct values of any number in 256 bytes: linear counting over 2,048 bits (Whang and others, 1990), within a few per cent
 * up to some five thousand.
 */
export class DistinctBits {
  readonly #bits = new Uint32Array(64)
  #set = 0

  add(value: number): number {
    const at = value & 2047
    const word = at >>> 5
    const bit = 1 << (at & 31)
    if (((this.#bits[word] as number) & bit) === 0) {
      this.#bits[word] = (this.#bits[word] as number) | bit
      this.#set++
    }
    return this.#set >= 2_047 ? 20_000 : -2_048 * Math.log(1 - this.#set / 2_048)
  }
}

/** 32 bits of a text (FNV-1a, finished): to tell values apart, not to hide them. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/**
 * A map that forgets who was quiet longest: two generations, of which the older goes when the younger is full. It holds at
 * most `most`, and at least the half of them that was heard of last.
 */
export class Recent<T> {
  #young = new Map<string, T>()
  #old = new Map<string, T>()
  readonly #half: number
  readonly #make: () => T

  constructor(most: number, make: () => T) {
    this.#half = Math.max(1, most >> 1)
    this.#make = make
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  of(key: string): T {
    const known = this.#young.get(key)
    if (known !== undefined) return known
    const value = this.#old.get(key) ?? this.#make()
    this.#old.delete(key)
    if (this.#young.size >= this.#half) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
    return value
  }
}
