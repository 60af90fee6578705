/** Most networks that are told apart; the others share one count. */
const mostNetworks = 4096
const others = ''

/**
 * Who has how much of the calls of the last moment. Where only a share of all can be served, everybody gets as much as
 * they ask for up to the same bound, which is set so that the bounds add up to what can be served.
 */
export class FairShare {
  #calls = new Map<string, number>()
  #bound = Number.POSITIVE_INFINITY

  /** Counts a call; false where its network has had its share of this moment. */
  admit(network: string): boolean {
    const key = this.#calls.has(network) || this.#calls.size < mostNetworks ? network : others
    const calls = (this.#calls.get(key) ?? 0) + 1
    this.#calls.set(key, calls)
    return calls <= this.#bound
  }

  /** A new moment, in which `share` (0 to 1) of what was asked in the last one can be served. */
  turn(share: number): void {
    const asked = [...this.#calls.values()].sort((a, b) => a - b)
    this.#calls = new Map()
    if (share >= 1 || asked.length === 0) {
      this.#bound = Number.POSITIVE_INFINITY
      return
    }
    let left = asked.reduce((sum, calls) => sum + calls, 0) * share
    for (const [i, calls] of asked.entries()) {
      const even = left / (asked.length - i)
      if (calls >= even) {
        this.#bound = Math.max(1, even)
        return
      }
      left -= calls
    }
    this.#bound = Number.POSITIVE_INFINITY
  }
}
