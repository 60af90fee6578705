import type { RateSpec, RateStore } from '../../kernel/ports.ts'
import { type LeaseOptions, LeaseTable } from './lease-table.ts'

export interface LeasedRateOptions extends LeaseOptions {
  /** The largest lease as a share of `burst`. Default 0.1: of a burst of 100, ten at once. */
  readonly share?: number
}

/** A rate store over a remote one: most calls are answered here. */
export interface LeasedRateStore extends RateStore {
  /** Calls that were answered here, and questions to the remote store. */
  readonly counts: { readonly answered: number; readonly asked: number }
  /** Gives back what was not used in time. It does so by itself; this is for simulated time. */
  sweep(): void
  /** Gives back what is not used. */
  close(): Promise<void>
}

/**
 * Local leases on a remote rate store. A budget so small that its share is below two is asked for each time, and so is
 * exact. `LeaseTable` says what the others may pass at most.
 */
export function createLeasedRates(remote: RateStore, options: LeasedRateOptions = {}): LeasedRateStore {
  const { share = 0.1, clock } = options
  const table = new LeaseTable(options)
  const mostOf = (spec: RateSpec): number => Math.floor(spec.burst * share)
  const now = (): number => clock?.monotonic() ?? performance.now()
  return {
    take(key, spec, cost, at) {
      const most = mostOf(spec)
      if (most <= 1) return remote.take(key, spec, cost, at)
      if (cost > 0 && cost <= spec.burst)
        return table.take(key, most, cost, () => ({
          take: (amount) => remote.take(key, spec, amount, now()),
          giveBack: (amount) => remote.take(key, spec, -amount, now()),
        }))
      // Who asks how much there is, or gives back, speaks of all there is.
      table.surrender(key)
      return remote.take(key, spec, cost, at)
    },
    charge(key, spec, cost, at) {
      table.surrender(key)
      return remote.charge(key, spec, cost, at)
    },
    locked: (key, at) => remote.locked(key, at),
    lock: (key, durationMs, at) => remote.lock(key, durationMs, at),
    unlock: (key) => remote.unlock(key),
    get counts() {
      return { answered: table.answered, asked: table.asked }
    },
    sweep: () => table.sweep(),
    close: () => table.close(),
  }
}
