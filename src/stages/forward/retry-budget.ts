/**
 * Keeps repeats a small share of all calls, so that a failing upstream is not hit twice as hard: ten to begin
 * with, then one for every ten calls.
 */
export class RetryBudget {
  #tokens: number
  readonly #most: number
  readonly #share: number

  constructor(most = 10, share = 0.1) {
    this.#most = most
    this.#share = share
    this.#tokens = most
  }

  /** Counts one call. */
  earn(): void {
    if (this.#tokens < this.#most) this.#tokens += this.#share
  }

  /** True where one repeat may be made now; it is then spent. */
  spend(): boolean {
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}
