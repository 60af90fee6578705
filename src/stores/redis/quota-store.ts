import type { QuotaSpec, QuotaStore } from '../../kernel/limit-store.ts'
import { periodAt } from '../../kernel/period.ts'
import type { RateDecision } from '../../kernel/ports.ts'
import type { RedisLink } from './link.ts'
import type { TimeOf } from './rate-store.ts'
import { defineScript } from './script.ts'

/**
 * `ARGV`: cost, quota, 1 where it is forced, end of the period as the caller sees it, ms to keep it. A key holds what was spent
 * and the end of its period; a caller whose clock is behind finds the newer period.
 */
const changeScript = defineScript(`
  local cost, quota, forced = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1'
  local ending, sum = ARGV[4], 0
  local kept = redis.call('HMGET', KEYS[1], 'end', 'sum')
  if kept[1] and tonumber(kept[1]) >= tonumber(ending) then
    ending = kept[1]
    sum = tonumber(kept[2])
  end
  if not forced and cost > 0 and sum + cost > quota then return { 0, sum } end
  local total = sum + cost
  if forced then total = math.max(sum, math.min(total, 2 * quota)) end
  total = math.max(0, total)
  if total ~= sum then
    redis.call('HSET', KEYS[1], 'end', ending, 'sum', text(total))
    redis.call('PEXPIRE', KEYS[1], ARGV[5])
  end
  return { 1, total }
`)

/** Milliseconds that a period is kept after its end, for gateways whose clocks are behind. */
const slackMs = 60_000

/**
 * Quotas in Redis: exact over all gateways, one round trip a decision. Periods are those of the callers' clocks, which
 * may differ by as much as they are apart; what was spent is one number either way.
 */
export function createRedisQuotaStore(link: RedisLink, time: TimeOf = 'server'): QuotaStore {
  async function change(
    key: string,
    spec: QuotaSpec,
    cost: number,
    at: number,
    forced: boolean,
  ): Promise<RateDecision> {
    const { end } = periodAt(spec.period, at)
    const left = end - at
    if (!Number.isFinite(left) || !Number.isInteger(cost)) return broken
    const answer = await link.run(changeScript, link.place('quota', key), [
      String(cost),
      String(spec.quota),
      forced ? '1' : '0',
      String(end),
      String(time === 'server' ? Math.ceil(left) + slackMs : 600_000),
    ])
    const [allowed, sum] = answer as [number, number]
    const remaining = Math.max(0, spec.quota - sum)
    if (allowed === 1) return { allowed: true, remaining, resetMs: left, retryMs: 0 }
    return {
      allowed: false,
      remaining,
      resetMs: left,
      retryMs: cost > spec.quota ? Number.POSITIVE_INFINITY : left,
    }
  }

  return {
    take: (key, spec, cost, at) => change(key, spec, cost, at, false),
    async charge(key, spec, cost, at) {
      if (cost > 0) await change(key, spec, cost, at, true)
    },
  }
}

/** A time or a cost that is no number refuses. */
const broken: RateDecision = Object.freeze({
  allowed: false,
  remaining: 0,
  resetMs: 0,
  retryMs: Number.POSITIVE_INFINITY,
})
