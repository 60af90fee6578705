/**
 * A bounded queue in which callers take turns: one call of each, in the order in which they came. Where it is full, a
 * newcomer takes the place of the newest call of whoever has most waiting; so nobody can keep others out by sending more.
 */
export class FairQueue<T> {
  size = 0
  readonly #most: number
  /** Calls by caller, callers in the order of their turns. */
  readonly #callers = new Map<string, T[]>()

  constructor(most: number) {
    this.#most = most
  }

  /**
   * Adds a call. Returns what had to leave for it: the call itself where it finds no place, undefined where nothing had
   * to.
   */
  push(caller: string, item: T, full: boolean = this.size >= this.#most): T | undefined {
    const own = this.#callers.get(caller)
    let left: T | undefined
    if (full) {
      const longest = this.#longest()
      if (longest === undefined || longest[1].length <= (own?.length ?? 0) + 1) return item
      left = this.#dropNewest(longest)
    }
    if (own === undefined) this.#callers.set(caller, [item])
    else own.push(item)
    this.size++
    return left
  }

  /** Takes out the newest call of whoever has most waiting. */
  evict(): T | undefined {
    const longest = this.#longest()
    return longest === undefined ? undefined : this.#dropNewest(longest)
  }

  /** The call whose turn it is, without taking it out. */
  peek(): T | undefined {
    for (const calls of this.#callers.values()) return calls[0]
    return undefined
  }

  /** Takes out the call whose turn it is; its caller's next one waits for another turn. */
  shift(): T | undefined {
    for (const [caller, calls] of this.#callers) {
      const item = calls.shift()
      this.#callers.delete(caller)
      if (calls.length > 0) this.#callers.set(caller, calls)
      this.size--
      return item
    }
    return undefined
  }

  /** Takes out one call, wherever it is; false where it is not there. */
  remove(caller: string, item: T): boolean {
    const calls = this.#callers.get(caller)
    const at = calls?.indexOf(item) ?? -1
    if (calls === undefined || at < 0) return false
    calls.splice(at, 1)
    if (calls.length === 0) this.#callers.delete(caller)
    this.size--
    return true
  }

  #dropNewest([caller, calls]: [string, T[]]): T | undefined {
    const left = calls.pop()
    this.size--
    if (calls.length === 0) this.#callers.delete(caller)
    return left
  }

  #longest(): [string, T[]] | undefined {
    let found: [string, T[]] | undefined
    for (const entry of this.#callers)
      if (found === undefined || entry[1].length > found[1].length) found = entry
    return found
  }
}
