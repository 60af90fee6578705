import type { Clock } from '../../kernel/clock.ts'

export interface FollowerOptions {
  /** Reads what is new; rejects where the store cannot be read. */
  readonly read: () => Promise<void>
  readonly clock: Clock
  /** Between two reads; what other processes write is known after this. */
  readonly everyMs: number
  /** How long reading may fail before what is known is no longer believed. */
  readonly staleMs: number
}

/** Keeps a copy of a store up to date, and knows whether it is. */
export interface Follower {
  /** Reads for the first time, then again and again. Rejects where the first time fails. */
  start(): Promise<void>
  /** Reads now, or as soon as a read that has begun before is over; rejects where that fails. */
  now(): Promise<void>
  /** False while the copy is too old: a revocation could be missing. */
  isFresh(): boolean
  close(): void
}

/**
 * One read at a time. Age is looked at by the timer, so that asking costs nothing, and also while a read hangs, so
 * that a store that never answers is noticed.
 */
export function createFollower({ read, clock, everyMs, staleMs }: FollowerOptions): Follower {
  let running: Promise<void> | undefined
  let queued: Promise<void> | undefined
  let doneAt = 0
  let fresh = false
  let timer: NodeJS.Timeout | undefined

  async function attempt(): Promise<void> {
    try {
      await read()
      doneAt = clock.monotonic()
      fresh = true
    } finally {
      running = undefined
    }
  }

  function begin(): Promise<void> {
    running = attempt()
    return running
  }

  function now(): Promise<void> {
    if (running === undefined) return begin()
    // A read under way may have begun before what is asked about was written.
    queued ??= running
      .catch(() => undefined)
      .then(() => {
        queued = undefined
        return running ?? begin()
      })
    return queued
  }

  return {
    now,
    isFresh: () => fresh,
    async start() {
      await begin()
      timer = setInterval(() => {
        if (clock.monotonic() - doneAt > staleMs) fresh = false
        if (running === undefined) begin().catch(() => undefined)
      }, everyMs).unref()
    },
    close: () => clearInterval(timer),
  }
}
