/** How the wait grows with consecutive failures under one key. */
export interface DelayRule {
  /** Failures that cost no wait. */
  readonly free: number
  /** Wait after the first failure beyond; doubles with each. */
  readonly firstMs: number
  /** From this failure on it is a lock. */
  readonly lockAt: number
  /** The first lock; doubles with each failure after it, up to `longestMs`. */
  readonly lockMs: number
  readonly longestMs: number
  /** At this failure the lock has no end but `unlock` (SP 800-63B-4 §3.2.2: at most 100 in a row). */
  readonly lastAt: number
}

/** Far enough to be never, small enough for every date. */
export const never: number = 8.64e15

const hour = 60 * 60_000

/** A password that strangers try; with `ownDelay` it makes 100 in a row. */
export const strangerDelay: DelayRule = {
  free: 3,
  firstMs: 1_000,
  lockAt: 10,
  lockMs: hour / 4,
  longestMs: 24 * hour,
  lastAt: 80,
}

/** A password tried from devices that its owner has used: a pool of its own, so that strangers cannot lock the owner out. */
export const ownDelay: DelayRule = { ...strangerDelay, lastAt: 20 }

/** Codes of an authenticator: five tries, then waits. */
export const codeDelay: DelayRule = {
  free: 4,
  firstMs: 30_000,
  lockAt: 10,
  lockMs: hour / 2,
  longestMs: 24 * hour,
  lastAt: 100,
}

/** Milliseconds to wait after the nth failure in a row. */
export function delayAfter(rule: DelayRule, failures: number): number {
  if (failures >= rule.lastAt) return never
  if (failures >= rule.lockAt) return Math.min(rule.longestMs, rule.lockMs * 2 ** (failures - rule.lockAt))
  if (failures > rule.free) return Math.min(rule.lockMs, rule.firstMs * 2 ** (failures - rule.free - 1))
  return 0
}
