import type { TaintStore } from '../../kernel/taint-store.ts'
import { KeyedHash } from './keyed-hash.ts'
import { besideHolders, pairsIn } from './pair-table.ts'
import { SharedLock } from './shared-lock.ts'
import { locks, type SharedMemory } from './shared-memory.ts'
import { TimeTable } from './time-table.ts'

export interface SharedTaintOptions {
  readonly memory: SharedMemory
  /** Number of this thread, not 0, never used twice. */
  readonly owner: number
  /** Destinations of one scope, of either kind. Default 1,024. */
  readonly each?: number
}

const foreign = 1
const own = 2
/** How long a scope is known after it was last heard of. */
const keptMs = 7 * 24 * 3_600_000
const recountMs = 1_000

/**
 * Destinations in memory that threads share; answers at once. Times are whole seconds: what is tainted lasts at most one longer,
 * what is the caller's own at most one shorter. Where a destination of a scope had to go for another, all it does not know
 * for its own is tainted.
 */
export function createSharedTaintStore({ memory, owner, each = 1_024 }: SharedTaintOptions): TaintStore {
  const { sizes, tables, seed, since } = memory
  const lock = new SharedLock(memory.locks, locks.taint, owner)
  const pairs = pairsIn(tables.taint, sizes.destinations, sizes.scopes)
  const scopes = new TimeTable(sizes.scopes, seed, 'forget-least', tables.taint)
  const beside = (nth: number): Uint32Array =>
    besideHolders(tables.taint, sizes.destinations, sizes.scopes, nth)
  /** By scope: destinations of either kind, as far as counted, and until when there was more than could be kept. */
  const foreignOf = beside(0)
  const ownOf = beside(1)
  const floodedOf = beside(2)
  const scopeHash = new KeyedHash(seed)
  const hash = new KeyedHash(seed)
  let recountedAt = Number.NEGATIVE_INFINITY

  const secondsOf = (ms: number): number => Math.max(0, Math.floor(ms / 1000) - since)
  const endOf = (ms: number): number => Math.max(0, Math.ceil(ms / 1000) - since)

  /** Slot of a scope, which is kept from now on; its hash is in `scopeHash`. */
  function admit(name: string, now: number): number {
    scopeHash.update(name)
    const known = scopes.seekHash(scopeHash.high, scopeHash.low) > now
    scopes.place(now + keptMs, now)
    const { slot } = scopes
    if (!known) {
      foreignOf[slot] = 0
      ownOf[slot] = 0
      floodedOf[slot] = 0
    }
    return slot
  }

  function kindOf(digest: string, second: number): number {
    hash.update(digest)
    return pairs.find(hash.high, hash.low, scopeHash.high, scopeHash.low, second) & 3
  }

  /** Writes the destination that `kindOf` was last asked about. */
  function put(kind: number, end: number, second: number, now: number): void {
    const { high, low } = scopeHash
    const gone = pairs.put(hash.high, hash.low, high, low, ((end << 2) | kind) >>> 0, second, false)
    if (gone === undefined || gone === 'full') return
    // Whose it was: that scope can no longer tell what it has seen.
    if (scopes.seekHash(gone.holderHigh, gone.holderLow) <= now) return
    floodedOf[scopes.slot] = Math.max(floodedOf[scopes.slot] ?? 0, end)
  }

  /** Destinations that ended are counted until somebody looks, which happens once a second at most. */
  function isFull(counts: Uint32Array, slot: number, kind: number, second: number): boolean {
    if ((counts[slot] ?? 0) < each) return false
    const now = performance.now()
    if (now - recountedAt >= recountMs) {
      recountedAt = now
      counts[slot] = pairs.count(second, [scopeHash.high, scopeHash.low], [kind])
    }
    return (counts[slot] ?? 0) >= each
  }

  return {
    mark(name, digests, overflow, until, now) {
      if (digests.length === 0 && !overflow) return
      const second = secondsOf(now)
      const end = endOf(until)
      lock.acquire()
      try {
        const slot = admit(name, now)
        if (overflow) floodedOf[slot] = end
        for (const digest of digests) {
          const kind = kindOf(digest, second)
          if (kind === own) continue
          if (kind !== foreign) {
            // Nothing is forgotten to make room: that is what somebody would want who writes a thousand addresses.
            if (isFull(foreignOf, slot, foreign, second)) {
              floodedOf[slot] = end
              return
            }
            foreignOf[slot] = (foreignOf[slot] ?? 0) + 1
          }
          put(foreign, end, second, now)
        }
      } finally {
        lock.release()
      }
    },
    use(name, digests, until, now) {
      if (digests.length === 0) return
      const second = secondsOf(now)
      lock.acquire()
      try {
        const slot = admit(name, now)
        for (const digest of digests) {
          const kind = kindOf(digest, second)
          if (kind === foreign) continue
          if (kind !== own) {
            if ((floodedOf[slot] ?? 0) > second || isFull(ownOf, slot, own, second)) continue
            ownOf[slot] = (ownOf[slot] ?? 0) + 1
          }
          put(own, secondsOf(until), second, now)
        }
      } finally {
        lock.release()
      }
    },
    vouch(name, digests, until, now) {
      if (digests.length === 0) return
      const second = secondsOf(now)
      lock.acquire()
      try {
        const slot = admit(name, now)
        for (const digest of digests) {
          const kind = kindOf(digest, second)
          if (kind === foreign) foreignOf[slot] = Math.max(0, (foreignOf[slot] ?? 1) - 1)
          if (kind !== own) ownOf[slot] = (ownOf[slot] ?? 0) + 1
          put(own, secondsOf(until), second, now)
        }
      } finally {
        lock.release()
      }
    },
    tainted(name, digests, now) {
      const second = secondsOf(now)
      scopeHash.update(name)
      lock.acquire()
      try {
        if (scopes.seekHash(scopeHash.high, scopeHash.low) <= now) return 0
        const flooded = (floodedOf[scopes.slot] ?? 0) > second
        let count = 0
        for (const digest of digests) {
          const kind = kindOf(digest, second)
          if (kind === foreign || (flooded && kind !== own)) count++
        }
        return count
      } finally {
        lock.release()
      }
    },
  }
}
