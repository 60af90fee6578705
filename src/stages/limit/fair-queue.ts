/**
 * A bounded queue in which callers take turns, one call of each. A caller who has nothing waiting goes before those who
 * have (Flow Queue CoDel's sparse flows, RFC 8290 §4.2), once in each round: who asks now and then hardly notices those
 * who ask all the time, and those still get every eighth turn. Where the queue is full, a newcomer takes the place of the
 * newest call of whoever has most waiting; so nobody can keep others out by sending more.
 */
export class FairQueue<T> {
  size = 0
  readonly #most: number
  /** Callers by when they came: those with their first call, and those who have had a turn in this round. */
  readonly #fresh = new Map<string, T[]>()
  readonly #served = new Map<string, T[]>()
  #turn = 0

  constructor(most: number) {
    this.#most = most
  }

  /**
   * Adds a call. Returns what had to leave for it: the call itself where it finds no place, undefined where nothing had
   * to.
   */
  push(caller: string, item: T, full: boolean = this.size >= this.#most): T | undefined {
    const own = this.#callsOf(caller)
    let left: T | undefined
    if (full) {
      const longest = this.#longest()
      if (longest === undefined || longest.length <= (own?.length ?? 0) + 1) return item
      left = longest.pop()
      this.size--
    }
    if (own === undefined) this.#fresh.set(caller, [item])
    else own.push(item)
    this.size++
    return left
  }

  /** Takes out the newest call of whoever has most waiting. */
  evict(): T | undefined {
    const left = this.#longest()?.pop()
    if (left !== undefined) this.size--
    return left
  }

  /** Takes out the call whose turn it is; its caller's next one waits for another turn. */
  shift(): T | undefined {
    if (this.size === 0) {
      // Emptying an empty map makes it anew.
      if (this.#fresh.size > 0) this.#fresh.clear()
      if (this.#served.size > 0) this.#served.clear()
      return undefined
    }
    const first = (this.#turn++ & 7) === 7 ? this.#served : this.#fresh
    return this.#shiftFrom(first) ?? this.#shiftFrom(first === this.#fresh ? this.#served : this.#fresh)
  }

  /** Takes out one call, wherever it is; false where it is not there. */
  remove(caller: string, item: T): boolean {
    const calls = this.#callsOf(caller)
    const at = calls?.indexOf(item) ?? -1
    if (calls === undefined || at < 0) return false
    calls.splice(at, 1)
    this.size--
    return true
  }

  #callsOf(caller: string): T[] | undefined {
    return this.#fresh.get(caller) ?? this.#served.get(caller)
  }

  #shiftFrom(callers: Map<string, T[]>): T | undefined {
    for (const [caller, calls] of callers) {
      callers.delete(caller)
      const item = calls.shift()
      // Who has nothing left keeps a place in the round until it comes by: nobody is new again and again.
      if (item === undefined) continue
      this.#served.set(caller, calls)
      this.size--
      return item
    }
    return undefined
  }

  #longest(): T[] | undefined {
    let found: T[] | undefined
    for (const callers of [this.#fresh, this.#served])
      for (const calls of callers.values()) if (calls.length > (found?.length ?? 0)) found = calls
    return found
  }
}
