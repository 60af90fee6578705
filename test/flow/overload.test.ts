import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flood } from '../../bench/overload/flood.ts'
import { startSite } from '../../bench/overload/site.ts'
import { startGateway } from './running-gateway.ts'
import { thingsContract } from './things-contract.ts'

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

test('G03, Q07: an upstream that dies under load is left alone, nobody waits for it, and it is used again once it lives', async (t) => {
  const gateway = await startGateway({
    contract: thingsContract,
    top: 'overload: { breaker: { open: 300ms, calls: 10 } }',
  })
  try {
    const healthy = gateway.upstream.answer
    const get = () => fetch(`${gateway.url}/public`)
    assert.equal((await get()).status, 200)
    gateway.upstream.answer = (_seen, response) => response.destroy()
    const codes = new Map<string, number>()
    let refused: Response | undefined
    for (let i = 0; i < 40; i++) {
      const response = await get()
      const { code } = (await response.clone().json()) as { code: string }
      codes.set(code, (codes.get(code) ?? 0) + 1)
      if (code === 'LIMIT_OVERLOAD') refused = response
    }
    assert.ok(refused !== undefined, JSON.stringify([...codes]))
    assert.equal(refused.status, 503)
    assert.ok(Number(refused.headers.get('retry-after')) >= 1)
    const during = gateway.upstream.seen.length
    // Forty calls of which some were sent twice would be more.
    assert.ok(during < 60, String(during))
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    assert.match(metrics, /sallyport_upstream_breaker_opened_total\{api="things"\} [1-9]/)
    assert.match(
      metrics,
      /sallyport_overload_shed_total\{reason="breaker",class="normal",outcome="refused"\} [1-9]/,
    )

    gateway.upstream.answer = healthy
    const begun = performance.now()
    let status = 0
    while (status !== 200 && performance.now() - begun < 15_000) {
      status = (await get()).status
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    assert.equal(status, 200)
    t.diagnostic(`recovered ${(performance.now() - begun).toFixed(0)} ms after the upstream`)
    const after: number[] = []
    for (let i = 0; i < 20; i++) after.push((await get()).status)
    assert.deepEqual(new Set(after), new Set([200]))
  } finally {
    await gateway.close()
  }
})

test('with overload switched off nothing stands between gateway and upstream', async () => {
  const gateway = await startGateway({ contract: thingsContract, top: 'overload: { mode: "off" }' })
  try {
    gateway.upstream.answer = (_seen, response) => response.destroy()
    for (let i = 0; i < 30; i++) assert.equal((await fetch(`${gateway.url}/public`)).status, 502)
  } finally {
    await gateway.close()
  }
})
