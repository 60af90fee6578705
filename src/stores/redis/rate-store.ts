import type { RateDecision, RateSpec, RateStore } from '../../kernel/ports.ts'
import type { RedisLink } from './link.ts'
import { defineScript } from './script.ts'

/** What the server answered to one who wants a call, and perhaps some more in advance. */
export interface Reserved {
  readonly allowed: boolean
  /** Milliseconds until the budget is whole again, what was reserved included. */
  readonly owedMs: number
  /** Whole calls that this process may let pass by itself until the lease ends. */
  readonly extra: number
}

/** How much to reserve. */
export interface Wish {
  readonly want: number
  readonly leaseMs: number
}

export interface RedisRateStore extends RateStore {
  take(key: string, spec: RateSpec, cost: number, now: number): Promise<RateDecision>
  /** As `take`, and reserves up to `want` calls on top; rejects a cost that is no number. */
  reserve(key: string, spec: RateSpec, cost: number, now: number, wish: Wish): Promise<Reserved>
  charge(key: string, spec: RateSpec, cost: number, now: number): Promise<void>
  locked(key: string, now: number): Promise<number>
  lock(key: string, durationMs: number, now: number): Promise<void>
  unlock(key: string): Promise<void>
}

/** Whose time counts: the server's, or, under test, that of who asks. */
export type TimeOf = 'server' | 'caller'

const grid = 65_536

/**
 * GCRA as in memory: one number a key, when its budget is whole again. On top of a decision it may reserve `want` calls: they are
 * taken as if they came at the end of the lease, and at most a quarter of what is left, so that whenever they are used
 * before that end no interval of time sees more calls than without them (docs/decisions/0020). Only while more than half of
 * the budget is left: where it is short, each call is worth its own question.
 */
const takeScript = defineScript(`
  local now = math.floor(clock(ARGV[1]) * 65536) / 65536
  local interval, most, cost = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
  local want, lease = tonumber(ARGV[5]), tonumber(ARGV[6])
  local owed = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
  local due = math.max(owed + interval * cost, now)
  if cost > 0 and not (due - now <= most) then return { 0, text(owed - now), 0 } end
  local extra = 0
  if want > 0 then
    local from = math.max(due, now + lease)
    local room = now + most - from
    if room * 2 > most then extra = math.min(want, math.floor(room / interval / 4)) end
    if extra > 0 then due = from + extra * interval end
  end
  if cost ~= 0 or extra > 0 then
    redis.call('SET', KEYS[1], text(due), 'PX', math.ceil(due - now) + tonumber(ARGV[7]))
  end
  return { 1, text(due - now), extra }
`)

const chargeScript = defineScript(`
  local now = math.floor(clock(ARGV[1]) * 65536) / 65536
  local interval, most, cost = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
  local owed = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
  local due = math.max(owed, math.min(owed + interval * cost, now + 2 * most))
  redis.call('SET', KEYS[1], text(due), 'PX', math.ceil(due - now) + tonumber(ARGV[5]))
  return 1
`)

const lockedScript = defineScript(`
  local until_ = tonumber(redis.call('GET', KEYS[1]) or '0')
  return text(math.max(0, until_ - clock(ARGV[1])))
`)

const lockScript = defineScript(`
  local now = clock(ARGV[1])
  local until_ = now + tonumber(ARGV[2])
  if until_ > tonumber(redis.call('GET', KEYS[1]) or '0') then
    redis.call('SET', KEYS[1], text(until_), 'PX', math.ceil(until_ - now) + tonumber(ARGV[3]))
  end
  return 1
`)

/** Rates in Redis: exact over all gateways, one round trip a decision. */
export function createRedisRateStore(link: RedisLink, time: TimeOf = 'server'): RedisRateStore {
  const given = (now: number): string => (time === 'server' ? '' : String(now))
  // A time that is given does not pass on the server.
  const slack = time === 'server' ? '1000' : '600000'
  async function reserve(
    key: string,
    spec: RateSpec,
    cost: number,
    now: number,
    { want, leaseMs }: Wish,
  ): Promise<Reserved> {
    const { interval, most } = scaleOf(spec)
    const answer = await link.run(takeScript, link.place('rate', key), [
      given(now),
      String(interval),
      String(most),
      String(cost),
      String(want),
      String(leaseMs),
      slack,
    ])
    const [allowed, owed, extra] = answer as [number, string, number]
    return { allowed: allowed === 1, owedMs: Number(owed), extra }
  }

  return {
    reserve,
    async take(key, spec, cost, now) {
      // Written so that what is no number refuses.
      if (!(scaleOf(spec).most < Number.POSITIVE_INFINITY && Number.isFinite(cost))) return broken
      const { allowed, owedMs } = await reserve(key, spec, cost, now, nothing)
      return decisionOf(spec, allowed, owedMs, cost, 0)
    },
    async charge(key, spec, cost, now) {
      const { interval, most } = scaleOf(spec)
      if (!(cost > 0 && most < Number.POSITIVE_INFINITY)) return
      await link.run(chargeScript, link.place('rate', key), [
        given(now),
        String(interval),
        String(most),
        String(cost),
        slack,
      ])
    },
    locked: async (key, now) => Number(await link.run(lockedScript, link.place('lock', key), [given(now)])),
    async lock(key, durationMs, now) {
      await link.run(lockScript, link.place('lock', key), [given(now), String(durationMs), slack])
    },
    async unlock(key) {
      await link.command(link.place('lock', key), 'DEL', [])
    },
  }
}

export function scaleOf(spec: RateSpec): { readonly interval: number; readonly most: number } {
  const interval = Math.ceil((spec.windowMs / spec.rate) * grid) / grid
  return { interval, most: interval * spec.burst }
}

/** What a caller is told where the budget is whole again in `owedMs`, of which `extra` calls are reserved here. */
export function decisionOf(
  spec: RateSpec,
  allowed: boolean,
  owedMs: number,
  cost: number,
  extra: number,
): RateDecision {
  const { interval, most } = scaleOf(spec)
  const left = Math.max(0, Math.floor((most - owedMs) / interval))
  const retryMs = allowed
    ? 0
    : cost > spec.burst
      ? Number.POSITIVE_INFINITY
      : Math.max(0, owedMs + interval * cost - most)
  return { allowed, remaining: Math.min(spec.burst, left + extra), resetMs: owedMs, retryMs }
}

const nothing: Wish = Object.freeze({ want: 0, leaseMs: 0 })
const broken: RateDecision = Object.freeze({
  allowed: false,
  remaining: 0,
  resetMs: 0,
  retryMs: Number.POSITIVE_INFINITY,
})
