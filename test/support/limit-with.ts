import type { Clock } from '../../src/kernel/clock.ts'
import type { Operation } from '../../src/kernel/operation.ts'
import { createLimit, type Limit } from '../../src/stages/limit/create-limit.ts'
import type { LimitOptions, LimitRule } from '../../src/stages/limit/options.ts'
import { createMemoryRateStore } from '../../src/stores/memory/rate-store.ts'
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

export function limitRule(more: Partial<LimitRule> = {}): LimitRule {
  return {
    name: 'default',
    api: 'travel',
    operations: [0],
    per: ['caller'],
    rate: { rate: 3, windowMs: 60_000, burst: 3 },
    mode: 'enforce',
    place: policyPlace,
    ...more,
  }
}

/** Limit over a memory store and a clock that stands still. */
export function limitWith(
  operations: readonly Operation[],
  rules: readonly LimitRule[],
  more: Partial<LimitOptions> = {},
): Limit {
  return createLimit({
    store: createMemoryRateStore({ capacity: 4096 }),
    clock: handClock(),
    operations,
    rules,
    ...more,
  })
}
