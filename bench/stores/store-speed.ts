import { postgresOptionsOf, redisOptionsOf } from '../../src/app/state/store-options.ts'
import { parsePostgresAddress } from '../../src/config/values/postgres-address.ts'
import { parseRedisAddress } from '../../src/config/values/redis-address.ts'
import { createRevocationRepository } from '../../src/repositories/revocation-repository.ts'
import { createMemoryRateStore } from '../../src/stores/memory/rate-store.ts'
import { createMemoryReplayStore } from '../../src/stores/memory/replay-store.ts'
import { createPostgresEventStore } from '../../src/stores/postgres/event-store.ts'
import { createPostgresStateStore } from '../../src/stores/postgres/state-store.ts'
import { createLeasedRates } from '../../src/stores/redis/leased-rates.ts'
import { createRedisLink } from '../../src/stores/redis/link.ts'
import { createRedisPlaceStore } from '../../src/stores/redis/place-store.ts'
import { createRedisQuotaStore } from '../../src/stores/redis/quota-store.ts'
import { createRedisRateStore } from '../../src/stores/redis/rate-store.ts'
import { createRedisReplayStore } from '../../src/stores/redis/replay-store.ts'
import { createRedisRevocationStore } from '../../src/stores/redis/revocation-store.ts'
import { createRedisWindowStore } from '../../src/stores/redis/window-store.ts'
import { createSqliteEventStore } from '../../src/stores/sqlite/event-store.ts'
import { createSqliteStateStore } from '../../src/stores/sqlite/state-store.ts'
import { sampleEvent } from '../../test/contract/event-store.ts'

export interface StoreSpeed {
  readonly store: string
  readonly operation: string
  readonly perSecond: number
  /** Of this process alone. */
  readonly cpu: number
}

/** Operations that are under way at once: as many as calls that wait for a store. */
const atOnce = 64
const batch = 128

/** How fast each store answers, one kind of operation after another, for `seconds` each. */
export async function storeSpeed(
  redis: string,
  postgres: string,
  seconds: number,
): Promise<readonly StoreSpeed[]> {
  const link = await createRedisLink({ ...redisOptionsOf(parseRedisAddress(redis)), timeoutMs: 5_000 })
  const options = postgresOptionsOf(parsePostgresAddress(postgres))
  const databases = {
    sqlite: await createSqliteStateStore(':memory:'),
    postgres: await createPostgresStateStore(options),
  }
  const logs = {
    sqlite: await createSqliteEventStore(':memory:'),
    postgres: await createPostgresEventStore(options),
  }
  const rate = { rate: 1_000_000, windowMs: 1000, burst: 1_000_000 }
  const events = Array.from({ length: batch }, (_, i) => sampleEvent(i))
  const lines = events.map((event) => JSON.stringify(event))
  const result: StoreSpeed[] = []
  const key = (i: number): string => `caller ${i % 1000}`
  const run = async (
    store: string,
    operation: string,
    work: (i: number) => unknown,
    each = 1,
    together = atOnce,
  ): Promise<void> => {
    const end = performance.now() + seconds * 500
    const began = performance.now()
    const cpu = process.cpuUsage()
    let done = 0
    const line = async (): Promise<void> => {
      while (performance.now() < end) {
        const i = done++
        const answer = work(i)
        if (answer instanceof Promise) await answer
        else if (i % 1000 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
    }
    await Promise.all(Array.from({ length: together }, line))
    const passed = performance.now() - began
    const used = process.cpuUsage(cpu)
    result.push({
      store,
      operation,
      perSecond: (done * each * 1000) / passed,
      cpu: (used.user + used.system) / (done * each),
    })
  }
  try {
    const memory = createMemoryRateStore()
    const exact = createRedisRateStore(link)
    const leased = createLeasedRates(createRedisRateStore(link), { leaseMs: 100 })
    await run('memory', 'rate', (i) => memory.take(key(i), rate, 1, performance.now()))
    await run('Redis', 'rate, asked each time', (i) => exact.take(key(i), rate, 1, performance.now()))
    await run('Redis', 'rate, leased, one caller', () => leased.take('one', rate, 1, performance.now()))
    await run('Redis', 'rate, leased, 1,000 callers', (i) => leased.take(key(i), rate, 1, performance.now()))
    const windows = createRedisWindowStore(link)
    const quotas = createRedisQuotaStore(link)
    const places = createRedisPlaceStore(link)
    const window = { quota: 1_000_000_000, windowMs: 60_000 }
    const quota = { quota: 1_000_000_000, period: 'day' } as const
    await run('Redis', 'window', (i) => windows.take(key(i), window, 1, performance.now()))
    await run('Redis', 'quota', (i) => quotas.take(key(i), quota, 1, Date.now()))
    await run('Redis', 'place, taken and given back', async (i) => {
      await places.acquire(key(i), 1000, `h ${i}`, 60_000, performance.now())
      await places.release(key(i), `h ${i}`, performance.now())
    })
    const seen = createMemoryReplayStore()
    const replays = createRedisReplayStore(link)
    await run('memory', 'one-time value', (i) => seen.admit(`a ${i}`, 1000, performance.now()))
    await run('Redis', 'one-time value', (i) => replays.admit(`a ${i}`, 1000, performance.now()))
    const revocation = (i: number) =>
      ({ kind: 'token', issuer: 'main', value: `j ${i}`, before: 1, until: Date.now() + 60_000 }) as const
    const list = createRedisRevocationStore(link)
    await run('Redis', 'revocation', (i) => list.add(revocation(i), 1))
    for (const [name, { db }] of Object.entries(databases)) {
      const repository = createRevocationRepository(db)
      await run(name, 'revocation', (i) => repository.add(revocation(i), 1), 1, name === 'sqlite' ? 1 : 8)
    }
    for (const [name, log] of Object.entries(logs))
      await run(name, `audit event, ${batch} at once`, () => log.append(events, lines), batch, 2)
    return result
  } finally {
    link.close()
    for (const one of [...Object.values(databases), ...Object.values(logs)]) await one.close()
  }
}
