import assert from 'node:assert/strict'
import { it } from 'node:test'
import { runCampaign } from '../../bench/injection/campaign.ts'
import { runHonestTravel } from '../../bench/injection/honest-travel.ts'

// The full lengths: `npm run fuzz:injection -- --count 10000000`, `npm run honest:travel`.

it('V02 V03 V06 V10 V14: mutated requests end in a declared problem, or reach the upstream byte for byte', async (t) => {
  const run = await runCampaign(4_000, 7)
  t.diagnostic(
    `${run.requests} requests, ${run.passed} passed, ${[...run.refused].map(([code, n]) => `${code} ${n}`).join(', ')}`,
  )
  assert.deepEqual(run.failures, [])
  assert.ok(run.passed > 500 && run.refused.size > 5)
})

it('V12: honest calls on a typed contract are never taken for attacks', async (t) => {
  const run = await runHonestTravel(3_000, 7)
  t.diagnostic(`${run.calls} calls`)
  assert.deepEqual([run.alarms, [...run.others]], [0, []], run.examples.join('\n'))
})
