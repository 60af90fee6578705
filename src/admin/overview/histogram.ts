import type { Percentiles } from '../contract.ts'

/** Steps in each doubling: a value is told within 5 %. */
const steps = 8
/** From a microsecond to half an hour. */
const size = 31 * steps

/** The bin of a duration in milliseconds. */
export function binOf(ms: number): number {
  const micros = ms * 1000
  return micros > 1 ? Math.min(size - 1, Math.floor(Math.log2(micros) * steps)) : 0
}

/** Counts durations by size, in a fixed kilobyte. */
export class Histogram {
  readonly #counts = new Uint32Array(size)
  #total = 0

  /** By `binOf`. */
  add(bin: number): void {
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1
    this.#total++
  }

  merge(other: Histogram): void {
    for (let bin = 0; bin < size; bin++)
      this.#counts[bin] = (this.#counts[bin] ?? 0) + (other.#counts[bin] ?? 0)
    this.#total += other.#total
  }

  /** Milliseconds; null where nothing was counted. */
  percentiles(): Percentiles | null {
    if (this.#total === 0) return null
    return { p50: this.#at(0.5), p90: this.#at(0.9), p99: this.#at(0.99) }
  }

  #at(share: number): number {
    let left = Math.ceil(this.#total * share)
    for (let bin = 0; bin < size; bin++) {
      left -= this.#counts[bin] ?? 0
      if (left <= 0) return Math.round(2 ** ((bin + 0.5) / steps)) / 1000
    }
    return 0
  }
}
