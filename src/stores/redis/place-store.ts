import type { PlaceDecision, PlaceStore } from '../../kernel/limit-store.ts'
import type { RedisLink } from './link.ts'
import type { TimeOf } from './rate-store.ts'
import { defineScript } from './script.ts'

/** Holders by the end of their leases. `ARGV`: now, most, holder, lease, slack. Answers: allowed, held. */
const acquireScript = defineScript(`
  local now, most, lease = clock(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[4])
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', text(now))
  local held = redis.call('ZCARD', KEYS[1])
  local known = redis.call('ZSCORE', KEYS[1], ARGV[3])
  if not known and held >= most then return { 0, held } end
  redis.call('ZADD', KEYS[1], text(now + lease), ARGV[3])
  if redis.call('PTTL', KEYS[1]) < lease then redis.call('PEXPIRE', KEYS[1], math.ceil(lease) + tonumber(ARGV[5])) end
  return { 1, known and held or held + 1 }
`)

/** Places in Redis, over all gateways: one round trip for each call that begins and one, not waited for, where it ends. */
export function createRedisPlaceStore(link: RedisLink, time: TimeOf = 'server'): PlaceStore {
  return {
    async acquire(key, most, holder, leaseMs, now): Promise<PlaceDecision> {
      const answer = await link.run(acquireScript, link.place('places', key), [
        time === 'server' ? '' : String(now),
        String(most),
        holder,
        String(leaseMs),
        time === 'server' ? '1000' : '600000',
      ])
      const [allowed, held] = answer as [number, number]
      return { allowed: allowed === 1, remaining: Math.max(0, most - held) }
    },
    async release(key, holder) {
      await link.command(link.place('places', key), 'ZREM', [holder])
    },
  }
}
