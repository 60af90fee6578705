import { after, before, describe, test } from 'node:test'
import { createRedisLink, type RedisLink } from '../../src/stores/redis/link.ts'
import { createRedisPlaceStore } from '../../src/stores/redis/place-store.ts'
import { createRedisQuotaStore } from '../../src/stores/redis/quota-store.ts'
import { createRedisRateStore } from '../../src/stores/redis/rate-store.ts'
import { createRedisReplayStore } from '../../src/stores/redis/replay-store.ts'
import { createRedisWindowStore } from '../../src/stores/redis/window-store.ts'
import { startRedisCluster, startRedisSentinel } from '../support/servers/redis-cluster.ts'
import { redisOptionsOf } from '../support/servers/redis-options.ts'
import { needsRedis, startRedis } from '../support/servers/redis-server.ts'
import { placeStoreSuite } from './place-store.ts'
import { quotaStoreSuite } from './quota-store.ts'
import { rateStoreSuite } from './rate-store.ts'
import { replayStoreSuite } from './replay-store.ts'
import { windowStoreSuite } from './window-store.ts'

const kinds: readonly (readonly [string, () => Promise<{ url: string; close(): Promise<void> }>])[] = [
  ['redis', () => startRedis({ password: 'p@ss:word/1' })],
  ['redis, cluster of three', startRedisCluster],
  ['redis, behind a sentinel', startRedisSentinel],
]

const { skip } = needsRedis()
if (skip !== false) test('stores in Redis', { skip }, () => undefined)
else
  for (const [name, start] of kinds)
    describe(name, () => {
      let server: { url: string; close(): Promise<void> }
      const links: RedisLink[] = []
      let count = 0
      before(async () => {
        server = await start()
        for (let i = 0; i < 2; i++) links.push(await createRedisLink(redisOptionsOf(server.url)))
      })
      after(async () => {
        for (const link of links) link.close()
        await server?.close()
      })
      /** A store of its own on a link that others use too: its names begin with a number of its own. */
      const own = (): RedisLink => {
        const number = count++
        const link = links[number % links.length] as RedisLink
        return { ...link, place: (kind, key) => link.place(kind, `${number} ${key}`) }
      }

      rateStoreSuite(name, { create: () => createRedisRateStore(own(), 'caller'), runs: 15 })
      windowStoreSuite(name, { create: () => createRedisWindowStore(own(), 'caller'), runs: 15 })
      quotaStoreSuite(name, { create: () => createRedisQuotaStore(own(), 'caller'), runs: 15 })
      placeStoreSuite(name, { create: () => createRedisPlaceStore(own(), 'caller') })
      replayStoreSuite(name, { create: () => createRedisReplayStore(own()), movableTime: false })
    })
