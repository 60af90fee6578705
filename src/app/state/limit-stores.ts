import type { LimitStores } from '../../kernel/limit-store.ts'
import { createQuotaRepository } from '../../repositories/quota-repository.ts'
import { createLockBook, type LockBook } from '../../stages/limit/lock-book.ts'
import type { Log } from '../../stages/record/log.ts'
import { createLeasedQuotas } from '../../stores/lease/leased-quotas.ts'
import { createMemoryPlaceStore } from '../../stores/memory/place-store.ts'
import { createMemoryQuotaStore } from '../../stores/memory/quota-store.ts'
import { createMemoryRateStore } from '../../stores/memory/rate-store.ts'
import { createMemoryWindowStore } from '../../stores/memory/window-store.ts'
import { withFallback } from './limits-fallback.ts'
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
  /** Where a store does not answer, this process decides alone. */
  readonly limits: LimitStores
  /** The same without that: they reject. */
  readonly strictLimits: LimitStores
  readonly locks: LockBook
  /** Writes down what of quotas was taken and not spent. */
  close(): Promise<void>
}

const purgeMs = 3_600_000

/**
 * Rates, windows and places where all gateways have them; locks also in the durable store, and quotas too, unless that is of
 * this machine alone and there is one for all. `without`: called for each decision that had to do without its store.
 */
export function openLimits(
  state: State,
  log: Log,
  shared: { readonly limits: LimitStores; readonly link: object | undefined },
  without: () => void,
): KeptLimits {
  const onFault = (error: unknown): void =>
    log.error(
      { reason: error instanceof Error ? error.message : 'unknown' },
      'locks of limits could not be kept',
    )
  const locks = createLockBook({ store: state.locks, onFault })
  const { database } = state
  const both = (strictLimits: LimitStores): Pick<KeptLimits, 'limits' | 'strictLimits'> => ({
    strictLimits,
    limits:
      shared.link === undefined && !state.everywhere
        ? strictLimits
        : withFallback(strictLimits, createMemoryLimits(), without),
  })
  if (database === undefined || (shared.link !== undefined && !state.everywhere))
    return { ...both(shared.limits), locks, close: () => Promise.resolve(locks.close()) }
  const kept = createQuotaRepository(database.db)
  const quotas = createLeasedQuotas(kept)
  const timer = setInterval(() => {
    kept.purge(Date.now()).catch(onFault)
  }, purgeMs)
  timer.unref()
  return {
    ...both({ ...shared.limits, quotas }),
    locks,
    async close() {
      clearInterval(timer)
      locks.close()
      await quotas.close()
    },
  }
}
