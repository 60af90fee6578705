/**
 * HalfSipHash-1-3 with 64 bits of output (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012) over
 * UTF-16 code units. Keys of limits hold what callers send: with a plain hash they could be made to collide with
 * each other, or with another caller's. `high` and `low` hold the last result.
 */
export class KeyedHash {
  readonly #k0: number
  readonly #k1: number
  high = 0
  low = 0

  /** `seed`: two random 32-bit words, secret for the life of the table. */
  constructor(seed: readonly [number, number]) {
    this.#k0 = seed[0] | 0
    this.#k1 = seed[1] | 0
  }

  update(text: string): void {
    let v0 = this.#k0
    let v1 = this.#k1 ^ 0xee
    let v2 = 0x6c796765 ^ this.#k0
    let v3 = 0x74656462 ^ this.#k1
    const length = text.length
    const pairs = length & ~1
    for (let i = 0; ; i += 2) {
      // The last word holds the length and the odd unit, so that no two texts give the same words.
      const last = i >= pairs
      const word = last
        ? ((length & 0xffff) << 16) | (length & 1 ? text.charCodeAt(i) : 0)
        : text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16)
      v3 ^= word
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
      v0 ^= word
      if (last) break
    }
    v2 ^= 0xee
    for (let round = 0; round < 6; round++) {
      if (round === 3) {
        this.high = (v1 ^ v3) >>> 0
        v1 ^= 0xdd
      }
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
    }
    this.low = (v1 ^ v3) >>> 0
  }
}
