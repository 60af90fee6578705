import type { Clock } from '../../kernel/clock.ts'
import type { Budget } from './budget.ts'
import { leaseMs } from './budgets.ts'

/** Names of calls that hold places, and the renewal of those that take long. */
export interface Holders {
  now(): number
  /** A new name; never one that a caller can choose. */
  name(): string
  keep(budget: Budget, key: string, holder: string): void
  drop(holder: string): void
}

interface Held {
  readonly budget: Budget
  readonly key: string
  since: number
}

/** One timer for all places that are held; it ends soon after the last. */
export function createHolders(clock: Clock): Holders {
  const process = crypto.randomUUID()
  const held = new Map<string, Held>()
  let next = 0
  let timer: NodeJS.Timeout | undefined

  const renew = (): void => {
    if (held.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
    const now = clock.monotonic()
    for (const [holder, one] of held) {
      if (now - one.since < leaseMs / 3) continue
      one.since = now
      try {
        const renewed = one.budget.take(one.key, 1, now, clock.now(), holder)
        // The next turn tries again; a lease outlasts two that fail.
        if (renewed instanceof Promise) renewed.catch(() => undefined)
      } catch {
        // As above.
      }
    }
  }

  return {
    now: () => clock.monotonic(),
    name: () => `${process}:${next++}`,
    keep(budget, key, holder) {
      held.set(holder, { budget, key, since: clock.monotonic() })
      timer ??= setInterval(renew, leaseMs / 6).unref()
    },
    drop(holder) {
      held.delete(holder)
    },
  }
}
