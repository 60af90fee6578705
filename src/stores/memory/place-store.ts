import type { PlaceDecision, PlaceStore } from '../../kernel/limit-store.ts'

/** Places in this process; answers at once. */
export interface MemoryPlaceStore extends PlaceStore {
  acquire(key: string, most: number, holder: string, leaseMs: number, now: number): PlaceDecision
  release(key: string, holder: string, now: number): void
  /** Keys with a holder. */
  readonly size: number
}

/** Only calls that run have an entry, so the memory is bounded by how many may run at once. */
export function createMemoryPlaceStore(): MemoryPlaceStore {
  const keys = new Map<string, Map<string, number>>()

  function holdersOf(key: string, most: number, now: number): Map<string, number> {
    const holders = keys.get(key)
    if (holders === undefined) return new Map()
    // Leases are looked at only where they matter: no call pays for the holders of others.
    if (holders.size >= most) for (const [holder, until] of holders) if (until <= now) holders.delete(holder)
    return holders
  }

  return {
    acquire(key, most, holder, leaseMs, now) {
      const holders = holdersOf(key, most, now)
      const allowed = holders.has(holder) || holders.size < most
      if (allowed) holders.set(holder, now + leaseMs)
      if (holders.size > 0) keys.set(key, holders)
      else keys.delete(key)
      return { allowed, remaining: Math.max(0, most - holders.size) }
    },
    release(key, holder) {
      const holders = keys.get(key)
      if (holders?.delete(holder) === true && holders.size === 0) keys.delete(key)
    },
    get size() {
      return keys.size
    },
  }
}
