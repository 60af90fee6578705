import { FairQueue } from '../fair-queue.ts'
import { type CallClass, callClasses } from './call-class.ts'

/**
 * A bounded queue in which more important classes go first and, within a class, callers take turns. Of eight turns
 * at least one is for each class that waits, so that no flood of important calls stops the rest for good. Where it is
 * full, a less important call leaves for a more important one.
 */
export class ClassQueue<T> {
  readonly #most: number
  readonly #queues: readonly FairQueue<T>[]
  #turn = 0

  constructor(most: number) {
    this.#most = most
    this.#queues = callClasses.map(() => new FairQueue<T>(most))
  }

  get size(): number {
    let size = 0
    for (const queue of this.#queues) size += queue.size
    return size
  }

  sizeOf(kind: CallClass): number {
    return this.#queues[callClasses.indexOf(kind)]?.size ?? 0
  }

  /** Adds a call. Returns what had to leave for it: the call itself where it finds no place. */
  push(kind: CallClass, caller: string, item: T): T | undefined {
    const own = callClasses.indexOf(kind)
    const queue = this.#queues[own]
    if (queue === undefined) return item
    if (this.size < this.#most) return queue.push(caller, item, false)
    for (let lower = this.#queues.length - 1; lower > own; lower--) {
      const left = this.#queues[lower]?.evict()
      if (left === undefined) continue
      queue.push(caller, item, false)
      return left
    }
    return queue.push(caller, item, true)
  }

  /** Takes out the call whose turn it is. */
  shift(): T | undefined {
    const turn = this.#turn++ & 7
    const first = turn === 7 ? 2 : turn === 3 ? 1 : 0
    for (let i = 0; i < this.#queues.length; i++) {
      const item = this.#queues[(first + i) % this.#queues.length]?.shift()
      if (item !== undefined) return item
    }
    return undefined
  }

  remove(kind: CallClass, caller: string, item: T): boolean {
    return this.#queues[callClasses.indexOf(kind)]?.remove(caller, item) ?? false
  }
}
