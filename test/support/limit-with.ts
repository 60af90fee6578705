import type { Clock } from '../../src/kernel/clock.ts'
import type { LimitStores } from '../../src/kernel/limit-store.ts'
import type { Operation } from '../../src/kernel/operation.ts'
import type { RateSpec, RateStore } from '../../src/kernel/ports.ts'
import { createLimit, type Limit } from '../../src/stages/limit/create-limit.ts'
import type { LimitOptions, LimitRule } from '../../src/stages/limit/options.ts'
import { createMemoryPlaceStore } from '../../src/stores/memory/place-store.ts'
import { createMemoryQuotaStore } from '../../src/stores/memory/quota-store.ts'
import { createMemoryRateStore } from '../../src/stores/memory/rate-store.ts'
import { createMemoryWindowStore } from '../../src/stores/memory/window-store.ts'
import { policyPlace } from './authorize-with.ts'

/** A clock whose two hands are moved apart. */
export interface HandClock extends Clock {
  wall: number
  steady: number
}

export function handClock(): HandClock {
  const clock: HandClock = {
    wall: Date.UTC(2026, 10, 24),
    steady: 1000,
    now: () => clock.wall,
    monotonic: () => clock.steady,
  }
  return clock
}

/** A rule of three calls a minute; `rate` is short for the amount of one. */
export function limitRule({
  rate,
  ...more
}: Partial<LimitRule> & { readonly rate?: RateSpec } = {}): LimitRule {
  return {
    name: 'default',
    api: 'travel',
    operations: [0],
    per: ['caller'],
    amount: { kind: 'rate', spec: rate ?? { rate: 3, windowMs: 60_000, burst: 3 } },
    mode: 'enforce',
    place: policyPlace,
    ...more,
  }
}

/** Stores in memory, small. */
function memoryStores(): LimitStores {
  return {
    rates: createMemoryRateStore({ capacity: 4096 }),
    windows: createMemoryWindowStore({ capacity: 256 }),
    quotas: createMemoryQuotaStore({ capacity: 256 }),
    places: createMemoryPlaceStore(),
  }
}

/** Limit over stores in memory and a clock that stands still; `store` takes the place of that of rates. */
export function limitWith(
  operations: readonly Operation[],
  rules: readonly LimitRule[],
  { store, ...more }: Partial<LimitOptions> & { readonly store?: RateStore } = {},
): Limit {
  const stores = memoryStores()
  return createLimit({
    stores: store === undefined ? stores : { ...stores, rates: store },
    clock: handClock(),
    operations,
    rules,
    ...more,
  })
}
