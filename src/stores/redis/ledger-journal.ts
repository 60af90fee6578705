import { randomBytes } from 'node:crypto'
import type { LedgerJournal, LedgerRow } from '../../kernel/ledger-store.ts'
import type { RedisLink } from './link.ts'
import { defineScript } from './script.ts'

/** `ARGV`: ms to keep the holder at least, channel, message; then object and value, the value empty where it goes. */
const saveScript = defineScript(`
  for i = 4, #ARGV, 2 do
    if ARGV[i + 1] == '' then redis.call('HDEL', KEYS[1], ARGV[i])
    else redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
  end
  if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
  redis.call('PUBLISH', ARGV[2], ARGV[3])
  return 1
`)

const channel = 'ledger'

/** What another gateway wrote: the digest of a holder, and which objects were taken from them. */
export interface LedgerChange {
  readonly holder: string
  readonly removed: readonly string[]
}

export interface RedisLedgerJournal extends LedgerJournal {
  /** Calls `heard` with what others write; not with what is written here. */
  listen(heard: (change: LedgerChange) => void): Promise<void>
}

/**
 * The ledger in Redis: a hash for each holder, gone when all that is in it has ended. As at rest elsewhere it holds digests
 * alone.
 */
export function createRedisLedgerJournal(link: RedisLink): RedisLedgerJournal {
  const self = crypto.randomUUID()
  return {
    secret: () => sharedSecret(link, 'ledger', 16),
    async load(holder, now, limit) {
      const answer = await link.command(link.place('ledger', holder), 'HGETALL', [])
      const rows: LedgerRow[] = []
      for (const [object, value] of pairsOf(answer)) {
        const until = Number(value.slice(1))
        if (until > now) rows.push({ holder, object, owned: value.startsWith('o'), until })
      }
      return rows.sort((a, b) => b.until - a.until).slice(0, limit)
    },
    async save(rows) {
      const holders = Map.groupBy(rows, ({ holder }) => holder)
      await Promise.all(
        [...holders].map(([holder, of]) => {
          const latest = Math.max(...of.map(({ until }) => until)) * 60_000 - Date.now()
          return link.run(saveScript, link.place('ledger', holder), [
            String(Math.max(60_000, latest)),
            link.channel(channel),
            JSON.stringify([self, holder, of.filter(({ until }) => until === 0).map(({ object }) => object)]),
            ...of.flatMap(({ object, owned, until }) => [
              object,
              until === 0 ? '' : `${owned ? 'o' : 's'}${until}`,
            ]),
          ])
        }),
      )
    },
    listen: (heard) =>
      link.listen(channel, (message) => {
        const change = changeOf(message)
        if (change !== undefined && change[0] !== self) heard({ holder: change[1], removed: change[2] })
      }),
    // Holders go by themselves; what ended before its holder is not read.
    purge: () => Promise.resolve(0),
  }
}

/** A secret that all gateways on one store have in common, made by the first. */
export async function sharedSecret(link: RedisLink, name: string, bytes: number): Promise<Uint8Array> {
  const place = link.place('secret', name)
  await link.command(place, 'SET', [randomBytes(bytes).toString('base64url'), 'NX'])
  return Buffer.from(String(await link.command(place, 'GET', [])), 'base64url')
}

/** Field and value: a map or a flat list, by the version of the protocol. */
function pairsOf(answer: unknown): [string, string][] {
  if (answer instanceof Map) return [...answer].map(([field, value]) => [String(field), String(value)])
  if (!Array.isArray(answer)) return Object.entries(answer as Record<string, string>)
  const pairs: [string, string][] = []
  for (let i = 0; i + 1 < answer.length; i += 2) pairs.push([String(answer[i]), String(answer[i + 1])])
  return pairs
}

function changeOf(message: string): readonly [string, string, readonly string[]] | undefined {
  try {
    return JSON.parse(message) as [string, string, string[]]
  } catch {
    return undefined
  }
}
