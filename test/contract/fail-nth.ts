import type { RateStore } from '../../src/kernel/ports.ts'

/** A store whose `nth` call (from 1) throws, as one does that cannot be reached. */
export function failNth(store: RateStore, nth: number): RateStore {
  let calls = 0
  const reach = (): void => {
    if (++calls === nth) throw new Error('store unreachable')
  }
  return {
    take: (key, spec, cost, now) => {
      reach()
      return store.take(key, spec, cost, now)
    },
    charge: (key, spec, cost, now) => {
      reach()
      return store.charge(key, spec, cost, now)
    },
    locked: (key, now) => {
      reach()
      return store.locked(key, now)
    },
    lock: (key, durationMs, now) => {
      reach()
      return store.lock(key, durationMs, now)
    },
    unlock: (key) => {
      reach()
      return store.unlock(key)
    },
  }
}
