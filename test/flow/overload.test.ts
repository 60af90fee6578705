import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flood } from '../../bench/overload/flood.ts'
import { startSite } from '../../bench/overload/site.ts'

// Row Q07 over real sockets: an upstream of 120 calls a second is asked for 600 by 32 good callers and four greedy ones.

test('Q07: at five times the capacity good callers keep nine tenths of their throughput, and it is over when it is over', async (t) => {
  const capacity = 120
  const site = await startSite(6, 50, '{}')
  try {
    const { phases, recoveredMs } = await flood({
      port: site.port,
      path: '/things',
      capacity,
      seconds: { before: 2, flood: 4, after: 1 },
    })
    const [before, during] = phases
    assert.ok(before !== undefined && during !== undefined)
    const kept = during.good.served / before.good.served
    const used = (during.good.served + during.greedy.served) / capacity
    t.diagnostic(
      `kept ${(100 * kept).toFixed(1)} %, capacity used ${(100 * used).toFixed(1)} %, p99 ${before.good.p99.toFixed(0)} → ${during.good.p99.toFixed(0)} ms, recovered in ${Math.max(0, recoveredMs).toFixed(0)} ms`,
    )
    assert.ok(kept >= 0.9, `kept ${kept}`)
    assert.ok(used >= 0.8, `used ${used}`)
    // Without protection they would wait for seconds, more with every second of the flood.
    assert.ok(during.good.p99 < 2000, `p99 ${during.good.p99}`)
    assert.ok(during.greedy.shed > 0)
    assert.equal(during.greedy.failed, 0)
    assert.ok(recoveredMs < 2000, `recovered ${recoveredMs}`)
  } finally {
    await site.close()
  }
})
