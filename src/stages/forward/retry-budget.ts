/**
 * Keeps repeats a small share of all calls, so that a failing upstream is not hit twice as hard: ten to begin
 * with, then `share` of all calls.
 */
export class RetryBudget {
  /** Repeats that were made, and those for which there was no budget. */
  made = 0
  refused = 0
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
    if (this.#tokens < 1) {
      this.refused++
      return false
    }
    this.#tokens--
    this.made++
    return true
  }
}
