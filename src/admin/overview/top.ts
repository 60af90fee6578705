/** Calls of one caller or operation. */
export interface Tally {
  calls: number
  denied: number
}

/**
 * The keys with most calls, in bounded memory: when there are too many, those with few calls are forgotten. Who is
 * among the first always stays, since it has more than those that go.
 */
export class Top {
  readonly #keys = new Map<string, Tally>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  add(key: string, denied: boolean): void {
    const tally = this.#keys.get(key)
    if (tally !== undefined) {
      tally.calls++
      if (denied) tally.denied++
      return
    }
    if (this.#keys.size >= this.#most * 2) this.#forget()
    this.#keys.set(key, { calls: 1, denied: denied ? 1 : 0 })
  }

  merge(other: Top): void {
    for (const [key, { calls, denied }] of other.#keys) {
      const tally = this.#keys.get(key)
      if (tally === undefined) this.#keys.set(key, { calls, denied })
      else {
        tally.calls += calls
        tally.denied += denied
      }
    }
  }

  /** Most calls first. */
  first(count: number): (readonly [string, Tally])[] {
    return [...this.#keys].sort(([, a], [, b]) => b.calls - a.calls).slice(0, count)
  }

  #forget(): void {
    const kept = this.first(this.#most)
    this.#keys.clear()
    for (const [key, tally] of kept) this.#keys.set(key, tally)
  }
}
