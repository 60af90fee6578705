import type { Clock } from '../../../kernel/clock.ts'

interface Remembered {
  readonly allowed: boolean
  readonly until: number
}

/** Longer keys are not remembered, so that their number bounds the memory. */
const maxKey = 2_048

/** Decisions of a moment ago. None is older than the time that its rule allows, counted from when it was asked for. */
export class DecisionCache {
  readonly #entries = new Map<string, Remembered>()
  readonly #clock: Clock
  readonly #max: number

  constructor(clock: Clock, max = 10_000) {
    this.#clock = clock
    this.#max = max
  }

  get(key: string): boolean | undefined {
    const found = this.#entries.get(key)
    if (found === undefined) return undefined
    if (found.until > this.#clock.monotonic()) return found.allowed
    this.#entries.delete(key)
    return undefined
  }

  /** `askedAt`: monotonic milliseconds. */
  put(key: string, allowed: boolean, askedAt: number, ttlMs: number): void {
    if (ttlMs <= 0 || key.length > maxKey) return
    this.#entries.delete(key)
    this.#entries.set(key, { allowed, until: askedAt + ttlMs })
    if (this.#entries.size <= this.#max) return
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest)
      return
    }
  }

  get size(): number {
    return this.#entries.size
  }
}
