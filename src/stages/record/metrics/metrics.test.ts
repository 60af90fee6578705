import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Trail } from '../../../kernel/trail.ts'
import { operationOf } from '../sink.fixture.ts'
import { createMetrics, type Measured } from './metrics.ts'

function measured(over: Partial<Measured> = {}): Measured {
  return {
    operation: operationOf(0, 'getProfile'),
    status: 200,
    code: undefined,
    durationMs: 3,
    trail: new Trail(),
    end: 0,
    ...over,
  }
}

test('counts by operation, class and code; the text parses', async () => {
  const metrics = createMetrics({ runtime: false })
  metrics.call(measured())
  metrics.call(measured({ status: 204 }))
  metrics.call(measured({ status: 403, code: 'AUTHORIZE_OBJECT' }))
  metrics.call(measured({ operation: undefined, status: 404, code: 'MATCH_NO_OPERATION' }))
  const text = await metrics.text()
  const op = 'api="travel",operation="getProfile"'
  for (const line of [
    `sallyport_requests_total{${op},status_class="2xx",code=""} 2`,
    `sallyport_requests_total{${op},status_class="4xx",code="AUTHORIZE_OBJECT"} 1`,
    'sallyport_requests_total{api="",operation="",status_class="4xx",code="MATCH_NO_OPERATION"} 1',
    'sallyport_refusals_total{code="AUTHORIZE_OBJECT"} 1',
    `sallyport_request_duration_seconds_bucket{${op},le="0.0025"} 0`,
    `sallyport_request_duration_seconds_bucket{${op},le="0.005"} 3`,
    `sallyport_request_duration_seconds_bucket{${op},le="+Inf"} 3`,
    `sallyport_request_duration_seconds_count{${op}} 3`,
    'sallyport_failed_open_total 0',
    'sallyport_events_queued 0',
  ])
    assert.ok(text.split('\n').includes(line), line)
  for (const line of text.split('\n'))
    assert.match(line, /^(#.*|[a-z_]+(\{([a-z_]+="[^"\\]*",?)*\})? [\d.e+-]+|)$/)
})

test('stage times end where the next stage begins, the last with the call', async () => {
  const metrics = createMetrics({ runtime: false })
  const trail = new Trail()
  trail.times.push('listen', 100, 'match', 100.02, 'forward', 100.03)
  metrics.call(measured({ trail, end: 103 }))
  const text = await metrics.text()
  for (const line of [
    'sallyport_stage_duration_seconds_bucket{stage="listen",le="0.000025"} 1',
    'sallyport_stage_duration_seconds_bucket{stage="listen",le="0.00001"} 0',
    'sallyport_stage_duration_seconds_bucket{stage="forward",le="0.001"} 0',
    'sallyport_stage_duration_seconds_bucket{stage="forward",le="0.005"} 1',
  ])
    assert.ok(text.includes(line), line)
})

test('a reload that gives slots to other operations keeps the counts apart', async () => {
  const metrics = createMetrics({ runtime: false })
  const [a, b] = [operationOf(0, 'a'), operationOf(1, 'b')]
  const [b2, a2] = [operationOf(0, 'b'), operationOf(1, 'a')]
  for (const operation of [a, b, b2, a2, a, a2]) metrics.call(measured({ operation }))
  const text = await metrics.text()
  assert.ok(text.includes('operation="a",status_class="2xx",code=""} 4'))
  assert.ok(text.includes('operation="b",status_class="2xx",code=""} 2'))
})

test('labels are bounded by the contract, not by callers', async () => {
  const metrics = createMetrics({ runtime: false })
  for (let i = 0; i < 1000; i++)
    metrics.call(measured({ operation: undefined, status: 100 + (i % 500), code: 'MATCH_NO_OPERATION' }))
  const lines = (await metrics.text())
    .split('\n')
    .filter((line) => line.startsWith('sallyport_requests_total'))
  assert.ok(lines.length <= 5, String(lines.length))
})

test('runtime metrics and own ones of other parts are in the same registry', async () => {
  const metrics = createMetrics()
  assert.match(await metrics.text(), /nodejs_eventloop_lag_seconds/)
  assert.match(await metrics.text(), /process_resident_memory_bytes/)
  metrics.registry.clear()
})
