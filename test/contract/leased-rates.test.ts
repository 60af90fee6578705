import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { WindowSpec } from '../../src/kernel/limit-store.ts'
import type { RateSpec } from '../../src/kernel/ports.ts'
import { createLeasedRates, type LeasedRates } from '../../src/stores/redis/leased-rates.ts'
import { createRedisLink, type RedisLink } from '../../src/stores/redis/link.ts'
import { createRedisRateStore, type RedisRateStore, scaleOf } from '../../src/stores/redis/rate-store.ts'
import { rememberRefusals } from '../../src/stores/redis/remembered-refusals.ts'
import { createRedisWindowStore } from '../../src/stores/redis/window-store.ts'
import { redisOptionsOf } from '../support/servers/redis-options.ts'
import { needsRedis, type RedisServer, startRedis } from '../support/servers/redis-server.ts'
import { rateStoreSuite } from './rate-store.ts'

const leaseMs = 100

/** The most that any interval of time saw above what the rate allows in it, in calls; at most 0 where it is kept. */
function overshoot(spec: RateSpec, times: readonly number[]): number {
  const { interval } = scaleOf(spec)
  let least = Number.POSITIVE_INFINITY
  let worst = Number.NEGATIVE_INFINITY
  times.forEach((time, i) => {
    least = Math.min(least, i * interval - time)
    worst = Math.max(worst, ((i + 1) * interval - time - least) / interval - spec.burst)
  })
  return worst
}

/** Numbers that are the same in every run. */
function seeded(seed: number): () => number {
  return () => {
    seed = (seed * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return seed / 4_294_967_296
  }
}

describe('rates by leases', needsRedis(), () => {
  let server: RedisServer
  let link: RedisLink
  let count = 0
  before(async () => {
    server = await startRedis()
    link = await createRedisLink(redisOptionsOf(server.url))
  })
  after(async () => {
    link?.close()
    await server?.close()
  })
  const exact = (): RedisRateStore => createRedisRateStore(link, 'caller')

  /** Calls of several gateways on one key in a time of its own; the times of those that passed, and how often was asked. */
  async function run(
    spec: RateSpec,
    options: {
      nodes: number
      perSecond: number
      seconds: number
      seed: number
      store?: RedisRateStore
      lease?: number
    },
  ): Promise<{ passed: number[]; calls: number; asked: number }> {
    const key = `bound ${count++}`
    const store = options.store ?? exact()
    const nodes = Array.from({ length: options.nodes }, () =>
      createLeasedRates(store, { leaseMs: options.lease ?? leaseMs }),
    )
    const random = seeded(options.seed)
    const passed: number[] = []
    let calls = 0
    let now = 1000
    const end = now + options.seconds * 1000
    while (now < end) {
      // Now and then nobody comes for a while, and then many at once.
      now += random() < 0.002 ? random() * 1500 : (-Math.log(1 - random()) * 1000) / options.perSecond
      const node = nodes[Math.floor(random() ** 2 * nodes.length)] as LeasedRates
      calls++
      if ((await node.take(key, spec, 1, now)).allowed) passed.push(now)
      // What was asked ahead is answered in between.
      if (calls % 20 === 0) await store.locked('nobody', now)
    }
    return { passed, calls, asked: nodes.reduce((sum, node) => sum + node.stats().asked, 0) }
  }

  const specs: readonly (readonly [RateSpec, number])[] = [
    [{ rate: 100, windowMs: 1000, burst: 100 }, 300],
    [{ rate: 1000, windowMs: 1000, burst: 300 }, 1500],
    [{ rate: 600, windowMs: 60_000, burst: 50 }, 200],
    [{ rate: 2000, windowMs: 1000, burst: 2000 }, 1000],
    [{ rate: 5, windowMs: 60_000, burst: 5 }, 50],
  ]
  for (const [spec, perSecond] of specs)
    test(`five gateways, ${spec.rate} in ${spec.windowMs} ms at ${perSecond}/s: no interval sees a call too many`, async (t) => {
      const { passed, calls, asked } = await run(spec, { nodes: 5, perSecond, seconds: 6, seed: spec.rate })
      const over = overshoot(spec, passed)
      // The same calls, each decided by the store.
      const exactly = await run(spec, { nodes: 5, perSecond, seconds: 6, seed: spec.rate, lease: 0 })
      t.diagnostic(
        `${calls} calls: ${passed.length} passed with ${asked} questions, ${exactly.passed.length} with one each; overshoot ${over.toFixed(3)}`,
      )
      assert.ok(over <= 1e-6, `${over} calls too many`)
      assert.ok(passed.length >= 0.85 * exactly.passed.length, 'and not many fewer than may')
    })

  test('the worst moment: leases used at their very end, while others take all there is', async () => {
    const spec = { rate: 1000, windowMs: 1000, burst: 1000 }
    const store = exact()
    for (const leases of [1, 3]) {
      const key = `worst ${count++}`
      let reserved = 0
      for (let i = 0; i < leases; i++)
        reserved += (await store.reserve(key, spec, 0, 1000, { want: 100, leaseMs })).extra
      assert.equal(reserved, 100 * leases)
      const end = 1000 + leaseMs - 0.1
      let others = 0
      while ((await store.take(key, spec, 1, end)).allowed) others++
      assert.ok(others + reserved <= spec.burst, `${others} and ${reserved}`)
      assert.ok(others + reserved >= spec.burst - 1)
    }
  })

  test('the measure can fail: leases on top of the budget are seen', async () => {
    const spec = { rate: 100, windowMs: 1000, burst: 100 }
    const generous = exact()
    const store: RedisRateStore = {
      ...generous,
      reserve: async (key, its, cost, now, wish) => ({
        ...(await generous.reserve(key, its, cost, now, { want: 0, leaseMs })),
        extra: wish.want,
      }),
    }
    const { passed } = await run(spec, { nodes: 5, perSecond: 300, seconds: 4, seed: 1, store })
    assert.ok(overshoot(spec, passed) > 10)
  })

  test('for a busy key most decisions need no round trip, also where they refuse', async (t) => {
    const busy = await run(
      { rate: 5000, windowMs: 1000, burst: 5000 },
      { nodes: 1, perSecond: 2000, seconds: 3, seed: 7 },
    )
    const flood = await run(
      { rate: 10, windowMs: 1000, burst: 10 },
      { nodes: 1, perSecond: 2000, seconds: 3, seed: 8 },
    )
    const share = ({ asked, calls }: { asked: number; calls: number }): number => asked / calls
    t.diagnostic(
      `${(share(busy) * 100).toFixed(1)} % asked when passing, ${(share(flood) * 100).toFixed(1)} % in a flood`,
    )
    assert.ok(share(busy) < 0.05)
    assert.ok(share(flood) < 0.05)
  })

  test('a key that is not busy is asked about each time: nothing is reserved that lies unused', async () => {
    const spec = { rate: 5, windowMs: 60_000, burst: 5 }
    const [a, b] = [createLeasedRates(exact(), { leaseMs }), createLeasedRates(exact(), { leaseMs })]
    const key = `calm ${count++}`
    let passed = 0
    for (let i = 0; i < 5; i++)
      if ((await (i % 2 === 0 ? a : b).take(key, spec, 1, 1000 + i * 1000)).allowed) passed++
    assert.equal(passed, 5)
    assert.equal((await a.take(key, spec, 1, 6000)).allowed, false)
  })

  test('what an unused lease costs: those calls are lost, no more', async () => {
    const spec = { rate: 1000, windowMs: 60_000, burst: 1000 }
    const [a, b] = [createLeasedRates(exact(), { leaseMs }), createLeasedRates(exact(), { leaseMs })]
    const key = `lost ${count++}`
    for (let i = 0; i < 50; i++) await a.take(key, spec, 1, 1000 + i)
    const { remaining } = await b.take(key, spec, 0, 1200)
    assert.ok(remaining >= 1000 - 50 - 2 * 70 && remaining <= 950, String(remaining))
  })

  test('a lock counts at once where it is set, elsewhere after a lease', async () => {
    const [a, b] = [createLeasedRates(exact(), { leaseMs }), createLeasedRates(exact(), { leaseMs })]
    const key = `lock ${count++}`
    assert.equal(await b.locked(key, 1000), 0)
    await a.lock(key, 60_000, 1000)
    assert.equal(await a.locked(key, 1000), 60_000)
    assert.equal(await b.locked(key, 1050), 0)
    assert.equal(await b.locked(key, 1100), 59_900)
    await b.unlock(key)
    assert.equal(await b.locked(key, 1101), 0)
    assert.equal(await a.locked(key, 1101), 0)
  })

  test('a charge is seen by the next call', async () => {
    const spec = { rate: 100, windowMs: 60_000, burst: 100 }
    const a = createLeasedRates(exact(), { leaseMs })
    const key = `charge ${count++}`
    for (let i = 0; i < 10; i++) await a.take(key, spec, 1, 1000 + i)
    await a.charge(key, spec, 1000, 1010)
    assert.equal((await a.take(key, spec, 1, 1011)).allowed, false)
  })

  test('a flood on a spent window is refused without a round trip, until a lease is over', async () => {
    const windows = createRedisWindowStore(link, 'caller')
    let asked = 0
    const remembering = rememberRefusals<WindowSpec>(
      {
        ...windows,
        take(key, spec, cost, now) {
          asked++
          return windows.take(key, spec, cost, now)
        },
      },
      leaseMs,
    )
    const spec = { quota: 3, windowMs: 16_000 }
    const key = `flood ${count++}`
    let passed = 0
    for (let i = 0; i < 100; i++) if ((await remembering.take(key, spec, 1, 1000 + i / 10)).allowed) passed++
    assert.deepEqual([passed, asked], [3, 4])
    const early = await remembering.take(key, spec, 1, 1050)
    const exactly = await windows.take(key, spec, 1, 1050)
    assert.deepEqual(early, exactly)
    await remembering.take(key, spec, 1, 1000 + leaseMs + 1)
    assert.equal(asked, 5)
    assert.equal((await remembering.take(key, spec, 1, 30_000)).allowed, true)
  })

  rateStoreSuite('redis, leases of no length', {
    create: () => {
      const number = count++
      const own = {
        ...link,
        place: (kind: string, key: string) => link.place(kind, `suite ${number} ${key}`),
      }
      return createLeasedRates(createRedisRateStore(own, 'caller'), { leaseMs: 0 })
    },
    runs: 3,
  })
})
