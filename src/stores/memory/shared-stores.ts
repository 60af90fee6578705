import type { LimitStores } from '../../kernel/limit-store.ts'
import type { ReplayStore } from '../../kernel/replay.ts'
import { sharedArrays } from './arrays.ts'
import { createMemoryQuotaStore } from './quota-store.ts'
import { createMemoryRateStore } from './rate-store.ts'
import { createMemoryReplayStore } from './replay-store.ts'
import { leaveLocks, SharedLock } from './shared-lock.ts'
import { locks, type SharedMemory } from './shared-memory.ts'
import { createSharedPlaces, type SharedPlaceStore } from './shared-places.ts'
import { createMemoryWindowStore } from './window-store.ts'

/** Stores of one thread over memory that all threads share: what one takes is taken for all, at once. */
export interface SharedStores {
  readonly limits: LimitStores
  readonly replays: ReplayStore
  /** Places that open connections hold, by network. */
  readonly connections: SharedPlaceStore
  /** A thread has died: opens its locks and gives its places back. */
  leave(owner: number): void
}

export interface SharedStoresOptions {
  readonly memory: SharedMemory
  /** Number of this thread, not 0, never used twice. */
  readonly owner: number
  /** Added to every monotonic time: threads count theirs from where they began. Default 0. */
  readonly shiftMs?: number
}

/** The stores of one thread, each in shared tables under one lock. Answers at once. */
export function createSharedStores({ memory, owner, shiftMs = 0 }: SharedStoresOptions): SharedStores {
  const { sizes, seed, tables } = memory
  const lockOf = (name: keyof typeof locks): SharedLock => new SharedLock(memory.locks, locks[name], owner)

  const rates = createMemoryRateStore({ capacity: sizes.rates, seed, memory: tables.rates })
  const rateLock = lockOf('rates')
  const windows = createMemoryWindowStore({
    capacity: sizes.windows,
    seed,
    arrays: sharedArrays(tables.windows),
  })
  const windowLock = lockOf('windows')
  const quotas = createMemoryQuotaStore({ capacity: sizes.quotas, seed, arrays: sharedArrays(tables.quotas) })
  const quotaLock = lockOf('quotas')
  const replays = createMemoryReplayStore({ capacity: sizes.replays, seed, memory: tables.replays })
  const replayLock = lockOf('replays')
  const placesOf = (name: 'places' | 'connections'): SharedPlaceStore =>
    lockedPlaces(
      createSharedPlaces({ memory: tables[name], capacity: sizes[name], seed, owner }),
      lockOf(name),
      shiftMs,
    )
  const places = placesOf('places')
  const connections = placesOf('connections')

  return {
    limits: {
      rates: {
        take(key, spec, cost, now) {
          rateLock.acquire()
          try {
            return rates.take(key, spec, cost, now + shiftMs)
          } finally {
            rateLock.release()
          }
        },
        charge(key, spec, cost, now) {
          rateLock.acquire()
          try {
            rates.charge(key, spec, cost, now + shiftMs)
          } finally {
            rateLock.release()
          }
        },
        locked(key, now) {
          rateLock.acquire()
          try {
            return rates.locked(key, now + shiftMs)
          } finally {
            rateLock.release()
          }
        },
        lock(key, durationMs, now) {
          rateLock.acquire()
          try {
            rates.lock(key, durationMs, now + shiftMs)
          } finally {
            rateLock.release()
          }
        },
        unlock(key) {
          rateLock.acquire()
          try {
            rates.unlock(key)
          } finally {
            rateLock.release()
          }
        },
      },
      windows: {
        take(key, spec, cost, now) {
          windowLock.acquire()
          try {
            return windows.take(key, spec, cost, now + shiftMs)
          } finally {
            windowLock.release()
          }
        },
        charge(key, spec, cost, now) {
          windowLock.acquire()
          try {
            windows.charge(key, spec, cost, now + shiftMs)
          } finally {
            windowLock.release()
          }
        },
      },
      quotas: {
        take(key, spec, cost, at) {
          quotaLock.acquire()
          try {
            return quotas.take(key, spec, cost, at)
          } finally {
            quotaLock.release()
          }
        },
        charge(key, spec, cost, at) {
          quotaLock.acquire()
          try {
            quotas.charge(key, spec, cost, at)
          } finally {
            quotaLock.release()
          }
        },
      },
      places,
    },
    replays: {
      admit(key, ttlMs, now) {
        replayLock.acquire()
        try {
          return replays.admit(key, ttlMs, now + shiftMs)
        } finally {
          replayLock.release()
        }
      },
    },
    connections,
    leave(dead) {
      leaveLocks(memory.locks, dead)
      places.leave(dead)
      connections.leave(dead)
    },
  }
}

function lockedPlaces(places: SharedPlaceStore, lock: SharedLock, shiftMs: number): SharedPlaceStore {
  return {
    acquire(key, most, holder, leaseMs, now) {
      lock.acquire()
      try {
        return places.acquire(key, most, holder, leaseMs, now + shiftMs)
      } finally {
        lock.release()
      }
    },
    release(key, holder, now) {
      lock.acquire()
      try {
        places.release(key, holder, now + shiftMs)
      } finally {
        lock.release()
      }
    },
    leave(dead) {
      lock.acquire()
      try {
        places.leave(dead)
      } finally {
        lock.release()
      }
    },
  }
}
