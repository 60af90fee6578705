import type { RateDecision } from '../../kernel/ports.ts'

/** Counters that answer as windows and quotas do. */
interface Counting<S> {
  take(key: string, spec: S, cost: number, now: number): RateDecision | Promise<RateDecision>
  charge(key: string, spec: S, cost: number, now: number): void | Promise<void>
}

interface Refusal {
  readonly decision: RateDecision
  readonly cost: number
  readonly at: number
  readonly until: number
}

const capacity = 65_536

/**
 * The same counters, which do not ask again for `leaseMs` what has just been refused: a flood of refused calls costs no round
 * trips. What others give back meanwhile is known after that time.
 */
export function rememberRefusals<S>(store: Counting<S>, leaseMs: number): Counting<S> {
  if (leaseMs <= 0) return store
  const known = new Map<string, Refusal>()

  async function ask(key: string, spec: S, cost: number, now: number): Promise<RateDecision> {
    const decision = await store.take(key, spec, cost, now)
    if (decision.allowed) known.delete(key)
    else {
      if (known.size >= capacity) for (const [old, { until }] of known) if (until <= now) known.delete(old)
      if (known.size < capacity)
        known.set(key, { decision, cost, at: now, until: now + Math.min(decision.retryMs, leaseMs) })
    }
    return decision
  }

  return {
    take(key, spec, cost, now) {
      const refusal = cost > 0 ? known.get(key) : undefined
      // A cost above the whole budget is refused for ever, and says nothing of smaller ones; nor do those of larger ones.
      if (refusal === undefined || cost !== refusal.cost || now >= refusal.until || now < refusal.at)
        return ask(key, spec, cost, now)
      const passed = now - refusal.at
      const { remaining, resetMs, retryMs } = refusal.decision
      return {
        allowed: false,
        remaining,
        resetMs: Math.max(0, resetMs - passed),
        retryMs: Math.max(0, retryMs - passed),
      }
    },
    charge: (key, spec, cost, now) => store.charge(key, spec, cost, now),
  }
}
