import { hashOf } from '../anomaly/counters.ts'

const registers = 256
/** Bias of 256 registers (Flajolet and others, 2007). */
const alpha = 0.7213 / (1 + 1.079 / registers)

/**
 * How many different texts there were, within some seven per cent, in 256 bytes (HyperLogLog). Sketches of several
 * processes join; what was counted cannot be read from them.
 */
export class Distinct {
  readonly #ranks: Uint8Array

  constructor(sketch?: string) {
    const read = sketch === undefined || sketch === '' ? undefined : Buffer.from(sketch, 'base64')
    this.#ranks = read?.length === registers ? new Uint8Array(read) : new Uint8Array(registers)
  }

  add(text: string): void {
    const hash = hashOf(text)
    const at = hash >>> 24
    const rank = Math.clz32((hash << 8) | 0x80) + 1
    if (rank > (this.#ranks[at] as number)) this.#ranks[at] = rank
  }

  join(other: Distinct): void {
    for (let i = 0; i < registers; i++)
      this.#ranks[i] = Math.max(this.#ranks[i] as number, other.#ranks[i] as number)
  }

  get count(): number {
    let sum = 0
    let empty = 0
    for (const rank of this.#ranks) {
      sum += 2 ** -rank
      if (rank === 0) empty++
    }
    const estimate = (alpha * registers * registers) / sum
    // Few: counted by what is still empty.
    if (estimate <= 2.5 * registers && empty > 0) return Math.round(registers * Math.log(registers / empty))
    return Math.round(estimate)
  }

  toString(): string {
    return Buffer.from(this.#ranks).toString('base64')
  }
}
