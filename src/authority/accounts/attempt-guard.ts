import type { Clock } from '../../kernel/clock.ts'
import type { AttemptRepository } from '../../repositories/account-attempts.ts'
import { type DelayRule, delayAfter, never } from './delay.ts'

/** A try that was let through and counted as a failure until `succeeded`. */
export interface Attempt {
  readonly allowed: boolean
  /** Failures in a row, this one included. */
  readonly failures: number
  /** Whether this failure starts a lock. */
  readonly locks: boolean
  /** Where not allowed: milliseconds until the next may be. */
  readonly retryMs: number
}

/** Counts tries before they are judged, so that parallel ones cannot share one place. Durable. */
export interface AttemptGuard {
  begin(key: string, rule: DelayRule): Promise<Attempt>
  /** The try was right: the row of failures ends. */
  succeeded(key: string): Promise<void>
  /** The try was never judged: it does not count. */
  withdraw(key: string, attempt: Attempt): Promise<void>
  unlock(keys: readonly string[]): Promise<void>
}

/** Written where a try is refused, so that a refused one costs what a counted one does. */
const shadow = 'shadow'

export function createAttemptGuard(repository: AttemptRepository, clock: Clock): AttemptGuard {
  return {
    async begin(key, rule) {
      for (let tries = 0; tries < 4; tries++) {
        const before = await repository.of(key)
        const now = clock.now()
        if (before.nextAt > now) {
          await repository.swap(shadow, 0, { failures: 0, nextAt: now })
          return { allowed: false, failures: before.failures, locks: false, retryMs: before.nextAt - now }
        }
        const failures = before.failures + 1
        const delay = delayAfter(rule, failures)
        const nextAt = delay === 0 ? 0 : Math.min(never, now + delay)
        if (await repository.swap(key, before.failures, { failures, nextAt }))
          return { allowed: true, failures, locks: failures >= rule.lockAt, retryMs: delay }
      }
      // So many at once on one account is no person.
      return { allowed: false, failures: 0, locks: false, retryMs: rule.firstMs }
    },
    succeeded: (key) => repository.clear([key]),
    async withdraw(key, attempt) {
      await repository.swap(key, attempt.failures, { failures: attempt.failures - 1, nextAt: 0 })
    },
    unlock: (keys) => repository.clear(keys),
  }
}
