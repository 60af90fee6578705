import type { LimitStores, PlaceStore, QuotaSpec, WindowSpec } from '../../kernel/limit-store.ts'
import { periodAt } from '../../kernel/period.ts'
import type { RateDecision, RateSpec, RateStore } from '../../kernel/ports.ts'
import type { Budget } from './budget.ts'
import { limitItem, policyItem, secondsOf } from './limit-fields.ts'
import type { Amount } from './options.ts'

/** A call holds its place this long unless it is renewed. */
export const leaseMs = 60_000

/** The budget of an amount. `quoted` is its policy name as it stands in reply fields. */
export function createBudget(stores: LimitStores, quoted: string, amount: Amount): Budget {
  switch (amount.kind) {
    case 'rate':
      return rateBudget(stores.rates, quoted, amount.spec, 'limit.rate')
    case 'throttle':
      return rateBudget(stores.rates, quoted, amount.spec, 'limit.throttle')
    case 'window':
      return windowBudget(stores, quoted, amount.spec)
    case 'quota':
      return quotaBudget(stores, quoted, amount.spec)
    case 'concurrent':
      return placeBudget(stores.places, quoted, amount.most)
  }
}

function rateBudget(store: RateStore, quoted: string, spec: RateSpec, check: string): Budget {
  const policy = policyItem(quoted, spec)
  return {
    policy: () => policy,
    steady: true,
    check,
    code: 'LIMIT_RATE',
    whole: spec.burst,
    held: false,
    take: (key, cost, now) => store.take(key, spec, cost, now),
    giveBack: (key, cost, now) => store.take(key, spec, -cost, now),
    charge: (key, cost, now) => store.charge(key, spec, cost, now),
    item: (decision) => limitItem(quoted, spec, decision),
    retrySeconds: (decision) => secondsOf(decision.retryMs, spec.windowMs),
  }
}

function windowBudget({ windows }: LimitStores, quoted: string, spec: WindowSpec): Budget {
  const { quota, windowMs } = spec
  const policy = `${quoted};q=${quota};w=${Math.max(1, Math.ceil(windowMs / 1000))}`
  return {
    policy: () => policy,
    steady: true,
    check: 'limit.window',
    code: 'LIMIT_RATE',
    whole: quota,
    held: false,
    take: (key, cost, now) => windows.take(key, spec, cost, now),
    giveBack: (key, cost, now) => windows.take(key, spec, -cost, now),
    charge: (key, cost, now) => windows.charge(key, spec, cost, now),
    // What is left is all there is until something comes back: `resetMs` at the latest, when all of it does.
    item: (decision) => `${quoted};r=${decision.remaining};t=${secondsOf(waitOf(decision), windowMs)}`,
    retrySeconds: (decision) => secondsOf(decision.retryMs, windowMs),
  }
}

function quotaBudget({ quotas }: LimitStores, quoted: string, spec: QuotaSpec): Budget {
  return {
    policy(at) {
      const { start, end } = periodAt(spec.period, at)
      return `${quoted};q=${spec.quota};w=${(end - start) / 1000}`
    },
    steady: spec.period !== 'month',
    check: 'limit.quota',
    code: 'LIMIT_RATE',
    whole: spec.quota,
    held: false,
    take: (key, cost, _now, at) => quotas.take(key, spec, cost, at),
    giveBack: (key, cost, _now, at) => quotas.take(key, spec, -cost, at),
    charge: (key, cost, _now, at) => quotas.charge(key, spec, cost, at),
    item: (decision) => `${quoted};r=${decision.remaining};t=${secondsOf(decision.resetMs, 1000)}`,
    retrySeconds: (decision) =>
      secondsOf(Number.isFinite(decision.retryMs) ? decision.retryMs : decision.resetMs, 1000),
  }
}

function placeBudget(places: PlaceStore, quoted: string, most: number): Budget {
  const policy = `${quoted};q=${most};qu="concurrent-requests"`
  return {
    policy: () => policy,
    steady: true,
    check: 'limit.concurrent',
    code: 'LIMIT_OVERLOAD',
    whole: most,
    held: true,
    take(key, _cost, now, _at, holder) {
      const taken = places.acquire(key, most, holder, leaseMs, now)
      return taken instanceof Promise ? taken.then(decisionOf) : decisionOf(taken)
    },
    giveBack: (key, _cost, now, _at, holder) => places.release(key, holder, now),
    charge: () => undefined,
    item: (decision) => `${quoted};r=${decision.remaining}`,
    retrySeconds: () => 1,
  }
}

/** When a place comes free nobody knows: a second is a polite wait. */
function decisionOf(taken: { readonly allowed: boolean; readonly remaining: number }): RateDecision {
  return { allowed: taken.allowed, remaining: taken.remaining, resetMs: 0, retryMs: taken.allowed ? 0 : 1000 }
}

function waitOf(decision: RateDecision): number {
  return decision.allowed ? decision.resetMs : Math.min(decision.retryMs, decision.resetMs)
}
