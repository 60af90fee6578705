import { decisionOf, type RedisRateStore, scaleOf } from '../../src/stores/redis/rate-store.ts'

const grid = 65_536

/**
 * What the scripts of the Redis rate store do, in this process, for simulated time. A test runs both side by side.
 *
 * @param clock time of the server, milliseconds
 */
export function createModelRateStore(clock: (now: number) => number): RedisRateStore {
  const dues = new Map<string, number>()
  const onGrid = (now: number): number => Math.floor(clock(now) * grid) / grid
  const model: RedisRateStore = {
    async reserve(key, spec, cost, given, { want, leaseMs }) {
      const { interval, most } = scaleOf(spec)
      const now = onGrid(given)
      const owed = Math.max(dues.get(key) ?? 0, now)
      let due = Math.max(owed + interval * cost, now)
      if (cost > 0 && !(due - now <= most)) return { allowed: false, owedMs: owed - now, extra: 0 }
      let extra = 0
      if (want > 0) {
        const from = Math.max(due, now + leaseMs)
        const room = now + most - from
        if (room * 2 > most) extra = Math.min(want, Math.floor(room / interval / 4))
        if (extra > 0) due = from + extra * interval
      }
      if (cost !== 0 || extra > 0) dues.set(key, due)
      return { allowed: true, owedMs: due - now, extra }
    },
    async take(key, spec, cost, now) {
      const { allowed, owedMs } = await model.reserve(key, spec, cost, now, { want: 0, leaseMs: 0 })
      return decisionOf(spec, allowed, owedMs, cost, 0)
    },
    async charge(key, spec, cost, given) {
      const { interval, most } = scaleOf(spec)
      const now = onGrid(given)
      const owed = Math.max(dues.get(key) ?? 0, now)
      dues.set(key, Math.max(owed, Math.min(owed + interval * cost, now + 2 * most)))
    },
    locked: async () => 0,
    lock: async () => undefined,
    unlock: async () => undefined,
  }
  return model
}
