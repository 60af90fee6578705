import { type WindowSpec, type WindowStore, windowParts } from '../../kernel/limit-store.ts'
import type { RateDecision } from '../../kernel/ports.ts'
import type { RedisLink } from './link.ts'
import type { TimeOf } from './rate-store.ts'
import { defineScript } from './script.ts'

/**
 * The counts of the parts, newest first, after the number of the newest. `ARGV`: now, quota, window, cost, 1 where it is forced,
 * slack. Answers: allowed, what is counted, ms until nothing is, ms until enough has left (-1: never).
 */
const changeScript = defineScript(`
  local parts = ${windowParts}
  local now, quota, window = clock(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
  local cost, forced = tonumber(ARGV[4]), ARGV[5] == '1'
  local part = math.floor(now * parts / window)
  local kept = redis.call('GET', KEYS[1])
  local counts, newest, sum = {}, part, 0
  if kept then
    local all = cmsgpack.unpack(kept)
    local steps = math.max(0, part - all[1])
    newest = math.max(part, all[1])
    for i = 0, parts do
      local count = all[i - steps + 2]
      counts[i] = i >= steps and count or 0
      sum = sum + counts[i]
    end
  else
    for i = 0, parts do counts[i] = 0 end
  end
  local function leaves(i) return (newest - i + parts + 1) * window / parts end
  local function reset()
    for i = 0, parts do if counts[i] > 0 then return math.max(0, leaves(i) - now) end end
    return 0
  end
  if not forced and cost > 0 and sum + cost > quota then
    local retry, freed = -1, 0
    if cost <= quota and sum > 0 then
      for i = parts, 0, -1 do
        freed = freed + counts[i]
        if freed >= sum + cost - quota then retry = math.max(0, leaves(i) - now) break end
      end
    end
    return { 0, sum, text(reset()), text(retry) }
  end
  local added = cost
  if forced then added = math.max(0, math.min(cost, 2 * quota - sum)) end
  if added > 0 then counts[0] = counts[0] + added end
  local left = -added
  for i = 0, parts do
    if left > 0 then
      local back = math.min(left, counts[i])
      counts[i] = counts[i] - back
      left = left - back
    end
  end
  sum = math.max(0, sum + added)
  if added ~= 0 then
    local all = { newest }
    for i = 0, parts do all[i + 2] = counts[i] end
    redis.call('SET', KEYS[1], cmsgpack.pack(all), 'PX', math.ceil(leaves(0) - now) + tonumber(ARGV[6]))
  end
  return { 1, sum, text(reset()), '0' }
`)

/** Sliding windows in Redis: exact over all gateways, one round trip a decision. */
export function createRedisWindowStore(link: RedisLink, time: TimeOf = 'server'): WindowStore {
  async function change(
    key: string,
    spec: WindowSpec,
    cost: number,
    now: number,
    forced: boolean,
  ): Promise<RateDecision> {
    if (!Number.isFinite(now) || !Number.isInteger(cost)) return broken
    const answer = await link.run(changeScript, link.place('window', key), [
      time === 'server' ? '' : String(now),
      String(spec.quota),
      String(spec.windowMs),
      String(cost),
      forced ? '1' : '0',
      time === 'server' ? '1000' : '600000',
    ])
    const [allowed, sum, resetText, retryText] = answer as [number, number, string, string]
    const retryMs = Number(retryText)
    return {
      allowed: allowed === 1,
      remaining: Math.max(0, spec.quota - sum),
      resetMs: Number(resetText),
      retryMs: retryMs < 0 ? Number.POSITIVE_INFINITY : retryMs,
    }
  }

  return {
    take: (key, spec, cost, now) => change(key, spec, cost, now, false),
    async charge(key, spec, cost, now) {
      if (cost > 0) await change(key, spec, cost, now, true)
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
