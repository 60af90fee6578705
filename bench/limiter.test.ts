import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
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
        share: fc.constantFrom(0.005, 0.02, 0.1, 0.5),
        leaseMs: fc.constantFrom(200, 1000),
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
  // The bound is not merely true: a cluster whose nodes all have a lease in hand comes near it.
  const { overshoot, bound } = await simulate({
    nodes: 10,
    limit: 1000,
    demand: 1,
    lagMs: 2,
    share: 0.1,
    leaseMs: 1000,
    seconds: 9,
    worst: true,
    seed: 1,
  })
  assert.ok(overshoot > bound / 3 && overshoot <= bound, `${overshoot} of ${bound}`)
  closest = Math.max(closest, overshoot / bound)
  t.diagnostic(`${runs} clusters; at most ${(100 * closest).toFixed(0)} % of the bound`)
})
