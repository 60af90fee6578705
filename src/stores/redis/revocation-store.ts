import type { NewRevocation, Revocation, RevocationStore } from '../../kernel/revocation.ts'
import type { RedisLink } from './link.ts'
import type { TimeOf } from './rate-store.ts'
import { defineScript } from './script.ts'

export interface RedisRevocationStore extends RevocationStore {
  /**
   * A name of what is in the store: another one where the store has lost it all. What is durable elsewhere is then to
   * be written again.
   */
  generation(): Promise<string>
}

/**
 * A hash of all revocations, a set of them by change, one by end. Changes are numbered by the server's clock, in microseconds, and
 * never twice: also after the store has lost everything a number is above all that were read before.
 * `ARGV`: now, field, before, until, created, channel.
 */
const addScript = defineScript(`
  local now = math.floor(clock(ARGV[1]) * 1000)
  local field = ARGV[2]
  local before, ending, created = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
  local known = redis.call('HGET', KEYS[1], field)
  if known then
    local old = cjson.decode(known)
    before = math.max(before, tonumber(old[1]))
    ending = math.max(ending, tonumber(old[2]))
    created = old[3]
  end
  local change = math.max(now, tonumber(redis.call('GET', KEYS[1] .. ':last') or '0') + 1)
  redis.call('SET', KEYS[1] .. ':last', text(change))
  redis.call('HSET', KEYS[1], field, cjson.encode({ text(before), text(ending), created }))
  redis.call('ZADD', KEYS[1] .. ':change', text(change), field)
  redis.call('ZADD', KEYS[1] .. ':until', text(ending), field)
  redis.call('PUBLISH', ARGV[6], '')
  return { text(change), text(before), text(ending), created }
`)

const sinceScript = defineScript(`
  local fields = redis.call('ZRANGEBYSCORE', KEYS[1] .. ':change', '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
  local found = {}
  for i = 1, #fields, 2 do
    local values = cjson.decode(redis.call('HGET', KEYS[1], fields[i]))
    found[#found + 1] = { fields[i], fields[i + 1], values[1], values[2], values[3] }
  end
  return found
`)

const purgeScript = defineScript(`
  local ended = redis.call('ZRANGEBYSCORE', KEYS[1] .. ':until', '-inf', ARGV[1], 'LIMIT', 0, 1000)
  if #ended == 0 then return 0 end
  redis.call('HDEL', KEYS[1], unpack(ended))
  redis.call('ZREM', KEYS[1] .. ':change', unpack(ended))
  redis.call('ZREM', KEYS[1] .. ':until', unpack(ended))
  return #ended
`)

/** Heard on this channel of the link: a revocation was written. */
export const revocationChannel = 'revocations'

/** The deny-list in Redis, of all gateways. Lists of one `name` are one. */
export function createRedisRevocationStore(
  link: RedisLink,
  time: TimeOf = 'server',
  name = '',
): RedisRevocationStore {
  const place = link.place('revocations', name)
  const born = link.place('revocations-born', name)
  return {
    async add({ kind, issuer, value, before, until }: NewRevocation, now: number): Promise<Revocation> {
      const answer = await link.run(addScript, place, [
        time === 'server' ? '' : String(now / 1000),
        JSON.stringify([kind, issuer ?? '', value]),
        String(before),
        String(until),
        String(now),
        link.channel(revocationChannel),
      ])
      const [change, wider, longer, created] = answer as [string, string, string, string]
      return {
        kind,
        issuer,
        value,
        before: Number(wider),
        until: Number(longer),
        created: Number(created),
        change: Number(change),
      }
    },
    async since(change, limit) {
      const found = (await link.run(sinceScript, place, [String(change), String(limit)])) as Row[]
      return found.map(revocationOf)
    },
    async purge(now) {
      let gone = 0
      for (;;) {
        const count = Number(await link.run(purgeScript, place, [String(now)]))
        gone += count
        if (count < 1000) return gone
      }
    },
    async generation() {
      await link.command(born, 'SET', [crypto.randomUUID(), 'NX'])
      return String(await link.command(born, 'GET', []))
    },
  }
}

type Row = readonly [field: string, change: string, before: string, until: string, created: string]

function revocationOf([field, change, before, until, created]: Row): Revocation {
  const [kind, issuer, value] = JSON.parse(field) as [Revocation['kind'], string, string]
  return {
    kind,
    issuer: issuer === '' ? undefined : issuer,
    value,
    before: Number(before),
    until: Number(until),
    created: Number(created),
    change: Number(change),
  }
}
