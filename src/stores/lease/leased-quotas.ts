import type { QuotaSpec, QuotaStore } from '../../kernel/limit-store.ts'
import { periodAt } from '../../kernel/period.ts'
import { type LeaseOptions, LeaseTable } from './lease-table.ts'

export interface LeasedQuotaOptions extends LeaseOptions {
  /** The largest lease as a share of the quota, and in units. Default 0.005 and 1,000. */
  readonly share?: number
  readonly most?: number
}

export interface LeasedQuotaStore extends QuotaStore {
  /** Gives back what is not used. */
  close(): Promise<void>
}

/**
 * Local leases on quotas that are kept in a database: what is taken is written there before it is spent. A process that
 * is killed loses at most two leases of each key that it was using; it never forgets what was spent.
 */
export function createLeasedQuotas(remote: QuotaStore, options: LeasedQuotaOptions = {}): LeasedQuotaStore {
  const { share = 0.005, most = 1000, leaseMs = 10_000 } = options
  const table = new LeaseTable({ ...options, leaseMs })
  const mostOf = ({ quota }: QuotaSpec): number => Math.min(most, Math.floor(quota * share))
  return {
    take(key, spec, cost, at) {
      const largest = mostOf(spec)
      if (largest <= 1) return remote.take(key, spec, cost, at)
      // A lease is of one period: the next one begins with none.
      const { end } = periodAt(spec.period, at)
      const leased = `${end}:${key}`
      if (cost > 0 && cost <= spec.quota)
        return table.take(leased, largest, cost, () => ({
          take: (amount) => remote.take(key, spec, amount, at),
          giveBack: (amount) => remote.take(key, spec, -amount, at),
        }))
      table.surrender(leased)
      return remote.take(key, spec, cost, at)
    },
    charge(key, spec, cost, at) {
      return remote.charge(key, spec, cost, at)
    },
    close: () => table.close(),
  }
}
