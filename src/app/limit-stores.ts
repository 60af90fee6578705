import type { LimitStores } from '../kernel/limit-store.ts'
import { createQuotaRepository } from '../repositories/quota-repository.ts'
import { createLockBook, type LockBook } from '../stages/limit/lock-book.ts'
import type { Log } from '../stages/record/log.ts'
import { createLeasedQuotas } from '../stores/lease/leased-quotas.ts'
import { createMemoryPlaceStore } from '../stores/memory/place-store.ts'
import { createMemoryQuotaStore } from '../stores/memory/quota-store.ts'
import { createMemoryRateStore } from '../stores/memory/rate-store.ts'
import { createMemoryWindowStore } from '../stores/memory/window-store.ts'
import type { State } from './state.ts'

/** Limits that are kept in this process alone and end with it. */
export function createMemoryLimits(): LimitStores {
  return {
    rates: createMemoryRateStore(),
    windows: createMemoryWindowStore(),
    quotas: createMemoryQuotaStore(),
    places: createMemoryPlaceStore(),
  }
}

/** Limits with what of them outlives a restart. */
export interface KeptLimits {
  readonly limits: LimitStores
  readonly locks: LockBook
  /** Writes down what of quotas was taken and not spent. */
  close(): Promise<void>
}

const purgeMs = 3_600_000

/** Rates, windows and places in this process; quotas and locks also in the durable store, where there is one. */
export function openLimits(state: State, log: Log): KeptLimits {
  const limits = createMemoryLimits()
  const onFault = (error: unknown): void =>
    log.error(
      { reason: error instanceof Error ? error.message : 'unknown' },
      'locks of limits could not be kept',
    )
  const locks = createLockBook({ store: state.locks, onFault })
  const { database } = state
  if (database === undefined) return { limits, locks, close: () => Promise.resolve(locks.close()) }
  const kept = createQuotaRepository(database.db)
  const quotas = createLeasedQuotas(kept)
  const timer = setInterval(() => {
    kept.purge(Date.now()).catch(onFault)
  }, purgeMs)
  timer.unref()
  return {
    limits: { ...limits, quotas },
    locks,
    async close() {
      clearInterval(timer)
      locks.close()
      await quotas.close()
    },
  }
}
