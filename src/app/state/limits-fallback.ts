import type { LimitStores } from '../../kernel/limit-store.ts'

/**
 * Limits that go on where their store does not answer: `local` decides, so that each process holds callers to the whole limit by
 * itself. With `n` processes at most `n` times as many calls pass while that lasts. `without` is called for each such decision.
 */
export function withFallback(remote: LimitStores, local: LimitStores, without: () => void): LimitStores {
  function either<T>(ask: (stores: LimitStores) => T | Promise<T>): T | Promise<T> {
    const alone = (): T | Promise<T> => {
      without()
      return ask(local)
    }
    try {
      const answer = ask(remote)
      return answer instanceof Promise ? answer.catch(alone) : answer
    } catch {
      return alone()
    }
  }
  return {
    rates: {
      take: (key, spec, cost, now) => either(({ rates }) => rates.take(key, spec, cost, now)),
      charge: (key, spec, cost, now) => either(({ rates }) => rates.charge(key, spec, cost, now)),
      locked: (key, now) => either(({ rates }) => rates.locked(key, now)),
      lock: (key, durationMs, now) => either(({ rates }) => rates.lock(key, durationMs, now)),
      unlock: (key) => either(({ rates }) => rates.unlock(key)),
    },
    windows: {
      take: (key, spec, cost, now) => either(({ windows }) => windows.take(key, spec, cost, now)),
      charge: (key, spec, cost, now) => either(({ windows }) => windows.charge(key, spec, cost, now)),
    },
    quotas: {
      take: (key, spec, cost, at) => either(({ quotas }) => quotas.take(key, spec, cost, at)),
      charge: (key, spec, cost, at) => either(({ quotas }) => quotas.charge(key, spec, cost, at)),
    },
    places: {
      acquire: (key, most, holder, leaseMs, now) =>
        either(({ places }) => places.acquire(key, most, holder, leaseMs, now)),
      release: (key, holder, now) => either(({ places }) => places.release(key, holder, now)),
    },
  }
}
