import type { Clock } from '../../kernel/clock.ts'

interface Remembered {
  /** Undefined: the object was written, and what was read before the write does not count. */
  readonly owner: string | undefined
  readonly sequence: number
  readonly until: number
}

/** How long a write outlives in memory every read that began before it. */
const shadowMs = 30_000

/** Owners that were read a moment ago, bounded in number and time. A write to an object forgets its owner. */
export class OwnerCache {
  readonly #entries = new Map<string, Remembered>()
  readonly #ttl: number
  readonly #clock: Clock
  readonly #max: number
  #sequence = 0

  constructor(ttlMs: number, clock: Clock, max = 10_000) {
    this.#ttl = ttlMs
    this.#clock = clock
    this.#max = max
  }

  get(key: string): string | undefined {
    const found = this.#entries.get(key)
    return found !== undefined && found.until > this.#clock.monotonic() ? found.owner : undefined
  }

  /** Taken before a read begins. */
  begin(): number {
    return ++this.#sequence
  }

  /** Remembers an owner, unless the object was written after the read began. */
  put(key: string, owner: string, begun: number): void {
    if (this.#ttl <= 0) return
    const known = this.#entries.get(key)
    if (known !== undefined && known.owner === undefined && known.sequence > begun) return
    this.#set(key, { owner, sequence: begun, until: this.#clock.monotonic() + this.#ttl })
  }

  forget(key: string): void {
    if (this.#ttl <= 0) return
    const until = this.#clock.monotonic() + shadowMs
    this.#set(key, { owner: undefined, sequence: ++this.#sequence, until })
  }

  #set(key: string, entry: Remembered): void {
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    if (this.#entries.size <= this.#max) return
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest)
      return
    }
  }
}
