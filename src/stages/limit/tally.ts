/** Decisions of one limit. */
export interface Tally {
  readonly api: string
  readonly limit: string
  allowed: number
  refused: number
  /** Would have been refused, in `observe`. */
  observed: number
  /** Calls that had to wait for their turn. */
  delayed: number
  /** Keys that were locked. */
  locked: number
  /** Times that the store did not answer. */
  faults: number
}

/** Counts by API and limit. The configuration bounds how many there are. */
export class Tallies {
  readonly #all = new Map<string, Tally>()

  /** The counts of a limit, which go on where a reload left them. */
  of(api: string, limit: string): Tally {
    const key = `${api}\0${limit}`
    let tally = this.#all.get(key)
    if (tally === undefined) {
      tally = { api, limit, allowed: 0, refused: 0, observed: 0, delayed: 0, locked: 0, faults: 0 }
      this.#all.set(key, tally)
    }
    return tally
  }

  all(): IterableIterator<Tally> {
    return this.#all.values()
  }
}
