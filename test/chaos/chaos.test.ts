import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { needsRedis } from '../support/servers/redis-server.ts'
import { startChaosLoad } from './chaos-load.ts'
import { type ChaosSite, startChaosSite } from './chaos-site.ts'
import { faults } from './faults.ts'
import { badPassedOf, runFault } from './run-fault.ts'

/** The quick part of `npm run chaos`. */
const chosen = ['gateway killed', 'upstream killed', 'Redis killed', 'worker terminated']

describe('what breaks under load', { ...needsRedis(), timeout: 170_000 }, () => {
  let site: ChaosSite
  before(async () => {
    site = await startChaosSite({ redis: true, workers: 2 })
  })
  after(() => site?.close())

  for (const fault of faults.filter(({ name }) => chosen.includes(name)))
    test(`${fault.name}: nothing passes that may not, no event is lost beyond the bound, the log is whole`, async (t) => {
      const figures = await runFault(site, fault, { rate: 100, holdMs: 700 })
      t.diagnostic(
        `${figures.calls} calls, ${figures.bad} bad; recovered in ${figures.recoveryMs.toFixed(0)} ms; ${figures.eventsLost} events lost`,
      )
      assert.ok(figures.bad > 20)
      assert.equal(figures.badPassed, 0)
      assert.ok(Number.isFinite(figures.recoveryMs), 'it comes back')
      assert.equal(figures.eventsLostBeyondBound, 0)
      assert.equal(figures.deaths, 0)
      assert.equal(figures.chain, 0, figures.chainSaid)
      if (fault.fatal !== true && fault.partly !== true) assert.equal(figures.eventsLost, 0)
    })

  test('the measure can fail: past the gate, bad calls are seen', async () => {
    const from = site.reached.length
    const load = startChaosLoad(site.upstreamPort, site.tokens, 200)
    await wait(400)
    await load.stop()
    assert.ok(badPassedOf(site.reached.slice(from), load.outcomes) > 10)
  })
})
