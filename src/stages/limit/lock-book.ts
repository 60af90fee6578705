import { createHash } from 'node:crypto'
import { type Clock, systemClock } from '../../kernel/clock.ts'
import type { LimitLock, LimitLockStore } from '../../kernel/limit-lock.ts'

/** A key that was locked. */
export interface NewLock {
  readonly api: string
  readonly limit: string
  /** The key in the store of rates. */
  readonly key: string
  readonly durationMs: number
}

/** Most locks that are known by name; beyond it the one that ends first is only in the store of rates. */
const capacity = 100_000
const page = 1000

/**
 * The locks that outlive this process and that a command can open: those that it set, those of before a restart, and those
 * of other processes on the same database.
 */
export interface LockBook {
  /** Milliseconds for which a key is locked, as far as the book knows; costs nothing while it is empty. */
  lockedMs(key: string): number
  /** Writes down a lock. `open` undoes it in this process: it is called when a command opens the lock. */
  add(lock: NewLock, open: () => void): void
  /** Loads what is kept, then keeps up with what changes. Rejects where the first load fails; again and again is once. */
  follow(): Promise<void>
  close(): void
}

export interface LockBookOptions {
  /** Undefined: locks end with the process. */
  readonly store: LimitLockStore | undefined
  readonly clock?: Clock
  /** Default 500. */
  readonly everyMs?: number
  readonly onFault?: (error: unknown) => void
}

interface Known {
  until: number
  open: (() => void) | undefined
}

/** The digest by which a key's lock is kept: the key may hold names and addresses. */
export function lockDigest(key: string): string {
  return createHash('sha256').update(key).digest('base64url')
}

export function createLockBook(options: LockBookOptions): LockBook {
  const { store, clock = systemClock, everyMs = 500, onFault = () => undefined } = options
  const known = new Map<string, Known>()
  let change = 0
  let started: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let reading = false

  const apply = (lock: LimitLock): void => {
    if (lock.change > change) change = lock.change
    const mine = known.get(lock.key)
    if (lock.until > clock.now()) {
      if (known.size < capacity || mine !== undefined)
        known.set(lock.key, { until: lock.until, open: mine?.open })
    } else if (mine !== undefined) {
      known.delete(lock.key)
      mine.open?.()
    }
  }

  const read = async (): Promise<void> => {
    if (store === undefined || reading) return
    reading = true
    try {
      for (;;) {
        const rows = await store.since(change, page)
        for (const row of rows) apply(row)
        if (rows.length < page) break
      }
    } finally {
      reading = false
    }
  }

  const sweep = (): void => {
    const now = clock.now()
    for (const [key, lock] of known) if (lock.until <= now) known.delete(key)
  }

  return {
    lockedMs(key) {
      if (known.size === 0) return 0
      const lock = known.get(lockDigest(key))
      return lock === undefined ? 0 : Math.max(0, lock.until - clock.now())
    },
    add({ api, limit, key, durationMs }, open) {
      if (store === undefined) return
      const digest = lockDigest(key)
      const until = clock.now() + durationMs
      if (known.size >= capacity) sweep()
      if (known.size < capacity) known.set(digest, { until, open })
      store.add({ key: digest, api, limit, until }, clock.now()).catch(onFault)
    },
    follow() {
      started ??= read().then(() => {
        let turns = 0
        timer = setInterval(() => {
          if (++turns % 120 === 0) {
            sweep()
            store?.purge(clock.now()).catch(onFault)
          }
          read().catch(onFault)
        }, everyMs).unref()
      })
      return started
    },
    close: () => clearInterval(timer),
  }
}
