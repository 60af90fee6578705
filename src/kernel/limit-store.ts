import type { Period } from './period.ts'
import type { RateDecision, RateStore } from './ports.ts'

// What every store of limits does, stated once. `now` is monotonic ms, `at` ms since the epoch, both passed in. A store
// that several machines share may put its own clock in their place, so that their clocks need not agree; under test it
// takes what it is given. In memory answers are immediate; a remote store answers later, or rejects.

/** At most `quota` within any `windowMs`. */
export interface WindowSpec {
  readonly quota: number
  readonly windowMs: number
}

/** Parts of a window. What was taken in one part is counted until a whole window after the end of that part. */
export const windowParts = 16

/**
 * Sliding windows. Time is cut into parts of `windowMs / windowParts`; part `p` of a moment is
 * `floor(now * windowParts / windowMs)`. Counted are part `p` and the `windowParts` parts before it. So never more than
 * `quota` pass in any `windowMs`, and what was taken comes back at most one part late.
 */
export interface WindowStore {
  /**
   * Takes `cost` if what is counted and `cost` are at most `quota`, all or nothing. Cost 0 asks; a negative cost gives
   * back, newest part first, never below nothing. `remaining`: what is left; `resetMs`: until nothing is counted any
   * more, 0 where nothing is; `retryMs`: until enough parts have left, infinite where `cost` is above `quota`.
   */
  take(key: string, spec: WindowSpec, cost: number, now: number): RateDecision | Promise<RateDecision>
  /** Adds `cost` to the present part whether or not there is room; at most twice `quota` is ever counted. */
  charge(key: string, spec: WindowSpec, cost: number, now: number): void | Promise<void>
}

/** At most `quota` in a calendar period, UTC. */
export interface QuotaSpec {
  readonly quota: number
  readonly period: Period
}

/**
 * Fixed quotas by the calendar (`periodAt`). A clock that goes back asks for the period before: it finds what was spent
 * there, or, where that is forgotten already, what is spent in the newest period that is known.
 */
export interface QuotaStore {
  /** As `WindowStore.take`. `resetMs` and `retryMs`: until the period ends. */
  take(key: string, spec: QuotaSpec, cost: number, at: number): RateDecision | Promise<RateDecision>
  /** Adds `cost` whether or not there is room; at most twice `quota` is ever counted. */
  charge(key: string, spec: QuotaSpec, cost: number, at: number): void | Promise<void>
}

export interface PlaceDecision {
  readonly allowed: boolean
  /** Places free now. */
  readonly remaining: number
}

/** Places that calls hold while they run: limits of concurrency. */
export interface PlaceStore {
  /**
   * Takes one of `most` places of `key` for `holder`, or renews the one it has (that is always allowed): it is held
   * for `leaseMs` unless renewed, so that a holder that died does not hold it for ever.
   */
  acquire(
    key: string,
    most: number,
    holder: string,
    leaseMs: number,
    now: number,
  ): PlaceDecision | Promise<PlaceDecision>
  /** Gives it back; nothing happens where the holder has none. */
  release(key: string, holder: string, now: number): void | Promise<void>
}

/** All that limits are kept in. */
export interface LimitStores {
  readonly rates: RateStore
  readonly windows: WindowStore
  readonly quotas: QuotaStore
  readonly places: PlaceStore
}
