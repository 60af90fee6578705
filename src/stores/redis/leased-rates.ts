import type { RateDecision, RateSpec, RateStore } from '../../kernel/ports.ts'
import { decisionOf, type RedisRateStore } from './rate-store.ts'

export interface LeasedRatesOptions {
  /** Milliseconds for which what was reserved may be used, and a refusal or an open lock is remembered. 0: nothing is. */
  readonly leaseMs: number
  /** Keys that are remembered. Default 65,536, some 10 MiB. */
  readonly capacity?: number
}

export interface LeasedRates extends RateStore {
  /** Decisions made here, and questions to the store; for metrics and tests. */
  stats(): { readonly local: number; readonly asked: number }
}

/** What this process knows of a key. Times are those of `now`. */
interface Known {
  /** Calls that are left of what was reserved, and until when. */
  units: number
  until: number
  /** The same of what was reserved in advance, used when the first is spent. */
  nextUnits: number
  nextUntil: number
  granted: number
  /** The store's last word: when the budget is whole again. */
  wholeAt: number
  /** Calls since the last question, and when that was: how busy the key is. */
  calls: number
  askedAt: number
  asking: boolean
  /** A call of this cost or more is refused until then. */
  refusedCost: number
  refusedUntil: number
  lockedUntil: number
  /** Until then it need not be asked whether the key is locked. */
  openUntil: number
}

/**
 * Rates in Redis without a round trip for most decisions. For a key that is busy here a question also reserves what this process
 * will need for the next `leaseMs`; it is used up by then or lost. A key that is not busy, or nearly spent, is asked about
 * each time.
 *
 * Exactness: what is reserved is taken from the budget first, and as if all of it came at the end of the lease, so never more
 * calls pass than the rate says, over all processes. The other way: up to one lease of each process may lie unused, and a
 * change that others make (a charge, a call given back, a lock) is known here after `leaseMs`.
 */
export function createLeasedRates(store: RedisRateStore, options: LeasedRatesOptions): LeasedRates {
  const { leaseMs, capacity = 65_536 } = options
  if (leaseMs <= 0) return { ...store, stats: () => ({ local: 0, asked: 0 }) }
  const keys = new Map<string, Known>()
  let local = 0
  let asked = 0

  function knownOf(key: string): Known {
    let known = keys.get(key)
    if (known !== undefined) return known
    if (keys.size >= capacity) {
      // The oldest: who is busy comes back at once, at the price of a question.
      const [oldest] = keys.keys()
      if (oldest !== undefined) keys.delete(oldest)
    }
    known = {
      units: 0,
      until: 0,
      nextUnits: 0,
      nextUntil: 0,
      granted: 0,
      wholeAt: 0,
      calls: 0,
      askedAt: Number.NEGATIVE_INFINITY,
      asking: false,
      refusedCost: 0,
      refusedUntil: 0,
      lockedUntil: 0,
      openUntil: 0,
    }
    keys.set(key, known)
    return known
  }

  /** What this process will need for one lease, by what it needed since the last question. */
  function wantOf(known: Known, now: number): number {
    // Of two calls in one moment nobody can tell how busy a key is.
    const passed = Math.max(now - known.askedAt, leaseMs / 4)
    return passed > 2 * leaseMs ? 0 : Math.ceil((known.calls * leaseMs * 1.25) / passed)
  }

  async function ask(
    known: Known,
    key: string,
    spec: RateSpec,
    cost: number,
    now: number,
    ahead: boolean,
  ): Promise<RateDecision> {
    asked++
    const want = cost < 0 ? 0 : wantOf(known, now)
    known.calls = Math.max(0, cost)
    known.askedAt = now
    const { allowed, owedMs, extra } = await store.reserve(key, spec, cost, now, { want, leaseMs })
    known.wholeAt = now + owedMs
    if (extra > 0) {
      known.granted = extra
      if (ahead && known.units > 0) {
        known.nextUnits = extra
        known.nextUntil = now + leaseMs
      } else if (known.units === 0 || known.until <= now) {
        known.units = extra
        known.until = now + leaseMs
      } else {
        // Two questions at once were both given something: the earlier end holds for both.
        known.units += extra
        known.until = Math.min(known.until, now + leaseMs)
      }
    }
    const decision = decisionOf(spec, allowed, owedMs, cost, known.units)
    if (!allowed) {
      known.refusedCost = cost
      known.refusedUntil = now + Math.min(decision.retryMs, leaseMs)
    } else if (cost < 0) known.refusedUntil = 0
    return decision
  }

  /** Asks for the next lease while this one lasts, so that no call has to wait. */
  function askAhead(known: Known, key: string, spec: RateSpec, now: number): void {
    known.asking = true
    ask(known, key, spec, 0, now, true)
      .catch(() => undefined)
      .finally(() => {
        known.asking = false
      })
  }

  return {
    take(key, spec, cost, now) {
      if (!(cost > 0))
        return Number.isFinite(cost)
          ? ask(knownOf(key), key, spec, cost, now, false)
          : store.take(key, spec, cost, now)
      const known = knownOf(key)
      known.calls += cost
      if (known.refusedUntil > now && cost >= known.refusedCost) {
        local++
        return decisionOf(spec, false, Math.max(0, known.wholeAt - now), cost, 0)
      }
      if (known.units < cost || known.until <= now) {
        known.units = known.nextUntil > now ? known.nextUnits : 0
        known.until = known.nextUntil
        known.nextUnits = 0
      }
      if (known.units >= cost) {
        known.units -= cost
        local++
        const low = known.units * 4 < known.granted || known.until - now < leaseMs / 2
        if (low && known.nextUnits === 0 && !known.asking) askAhead(known, key, spec, now)
        return decisionOf(spec, true, Math.max(0, known.wholeAt - now), cost, known.units + known.nextUnits)
      }
      known.calls -= cost
      return ask(known, key, spec, cost, now, false)
    },
    async charge(key, spec, cost, now) {
      const known = keys.get(key)
      if (known !== undefined) {
        // The debt is seen by the next call here at once.
        known.units = 0
        known.nextUnits = 0
      }
      await store.charge(key, spec, cost, now)
    },
    locked(key, now) {
      const known = knownOf(key)
      if (known.lockedUntil > now && known.openUntil > now) return known.lockedUntil - now
      if (known.lockedUntil <= now && known.openUntil > now) return 0
      return store.locked(key, now).then((ms) => {
        known.lockedUntil = now + ms
        known.openUntil = now + leaseMs
        return ms
      })
    },
    async lock(key, durationMs, now) {
      const known = knownOf(key)
      await store.lock(key, durationMs, now)
      known.lockedUntil = Math.max(known.lockedUntil, now + durationMs)
      known.openUntil = now + leaseMs
    },
    async unlock(key) {
      await store.unlock(key)
      const known = keys.get(key)
      if (known !== undefined) known.lockedUntil = known.openUntil = 0
    },
    stats: () => ({ local, asked }),
  }
}
