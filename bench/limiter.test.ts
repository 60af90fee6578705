import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createRedisLink } from '../src/stores/redis/link.ts'
import { createRedisRateStore } from '../src/stores/redis/rate-store.ts'
import { redisOptionsOf } from '../test/support/servers/redis-options.ts'
import { needsRedis, startRedis } from '../test/support/servers/redis-server.ts'
import { createModelRateStore } from './limiter/model-store.ts'
import { type Scenario, simulate } from './limiter/simulate.ts'

test('Q04: in no simulated cluster do nodes together pass more than the bound, whatever lag, bursts, partitions and deaths', async (t) => {
  let runs = 0
  let closest = 0
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        nodes: fc.integer({ min: 1, max: 20 }),
        limit: fc.constantFrom(50, 200, 500),
        demand: fc.constantFrom(0.5, 1, 3),
        lagMs: fc.constantFrom(1, 10, 100),
        leaseMs: fc.constantFrom(0, 20, 100, 1000),
        bursts: fc.boolean(),
        worst: fc.boolean(),
        seed: fc.nat(),
        cut: fc.boolean(),
        dies: fc.boolean(),
      }),
      async ({ cut, dies, ...given }) => {
        const scenario: Scenario = {
          ...given,
          seconds: 5,
          ...(cut && { partition: [1000, 3000] }),
          ...(dies && { death: 2500 }),
        }
        const { overshoot, bound } = await simulate(scenario)
        runs++
        closest = Math.max(closest, overshoot / bound)
        assert.ok(overshoot <= bound, `${overshoot} > ${bound}`)
      },
    ),
    { numRuns: 40 },
  )
  t.diagnostic(`${runs} clusters; at most ${(100 * closest).toFixed(0)} % of the bound`)
})

test('the measure can fail: leases that come on top of the budget are seen', async () => {
  const { overshoot, bound } = await simulate({
    nodes: 10,
    limit: 1000,
    demand: 1,
    lagMs: 2,
    leaseMs: 1000,
    seconds: 9,
    worst: true,
    broken: true,
    seed: 1,
  })
  assert.ok(overshoot > 10 * bound, `${overshoot} of ${bound}`)
})

test('the model decides as the script in Redis does, call by call', needsRedis(), async () => {
  const server = await startRedis()
  const link = await createRedisLink(redisOptionsOf(server.url))
  try {
    const real = createRedisRateStore(link, 'caller')
    let count = 0
    await fc.assert(
      fc.asyncProperty(
        fc.record({ rate: fc.integer({ min: 1, max: 5000 }), burst: fc.integer({ min: 1, max: 300 }) }),
        fc.array(
          fc.record({
            wait: fc.double({ min: 0, max: 400, noNaN: true }),
            cost: fc.integer({ min: -3, max: 20 }),
            want: fc.integer({ min: 0, max: 40 }),
            charge: fc.boolean(),
          }),
          { maxLength: 25 },
        ),
        async (size, steps) => {
          const key = `model ${count++}`
          const spec = { ...size, windowMs: 1000 }
          const model = createModelRateStore((now) => now)
          let now = 1000
          for (const { wait, cost, want, charge } of steps) {
            now += wait
            if (charge && cost > 0)
              await Promise.all([real, model].map((store) => store.charge(key, spec, cost, now)))
            const [ours, theirs] = await Promise.all(
              [model, real].map((store) => store.reserve(key, spec, cost, now, { want, leaseMs: 100 })),
            )
            assert.equal(ours?.allowed, theirs?.allowed)
            assert.equal(ours?.extra, theirs?.extra)
            assert.ok(Math.abs((ours?.owedMs ?? 0) - (theirs?.owedMs ?? 0)) < 1e-3)
          }
        },
      ),
      { numRuns: 60 },
    )
  } finally {
    link.close()
    await server.close()
  }
})
