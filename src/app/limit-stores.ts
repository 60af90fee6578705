import type { LimitStores } from '../kernel/limit-store.ts'
import { createMemoryPlaceStore } from '../stores/memory/place-store.ts'
import { createMemoryQuotaStore } from '../stores/memory/quota-store.ts'
import { createMemoryRateStore } from '../stores/memory/rate-store.ts'
import { createMemoryWindowStore } from '../stores/memory/window-store.ts'

/** Limits that are kept in this process alone and end with it. */
export function createMemoryLimits(): LimitStores {
  return {
    rates: createMemoryRateStore(),
    windows: createMemoryWindowStore(),
    quotas: createMemoryQuotaStore(),
    places: createMemoryPlaceStore(),
  }
}
