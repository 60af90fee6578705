import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { AuditEvent } from '../../kernel/event.ts'
import { anonymous } from '../../kernel/principal.ts'
import { Trail } from '../../kernel/trail.ts'
import { deny } from '../../kernel/verdict.ts'
import { createMetrics } from './metrics/metrics.ts'
import { createRecord } from './record.ts'
import { collecting, ok, operationOf, progressOf, sizes } from './sink.fixture.ts'

const quick = { firstMs: 1, longestMs: 4, timeoutMs: 50 }

async function metricOf(metrics: { text(): Promise<string> }, line: string): Promise<number> {
  const found = (await metrics.text()).split('\n').find((one) => one.startsWith(`${line} `))
  return found === undefined ? 0 : Number(found.slice(line.length + 1))
}

describe('record', () => {
  test('one event a call, with what was proven', async () => {
    const sink = collecting()
    const record = createRecord({ sinks: [sink], metrics: createMetrics({ runtime: false }) })
    const proven = {
      operation: operationOf(0, 'getProfile'),
      principal: { ...anonymous, issuer: 'travel', sub: '123', kind: 'jwt', credential: 'abcd' },
      grant: { objects: [{ type: 'profile', id: '456' }] },
      answer: { status: 204 },
    }
    record.call(progressOf('a', proven), ok, undefined, sizes)
    record.call(progressOf('b'), undefined, deny('MATCH_NO_OPERATION', 'match', 'none'), sizes)
    record.call(progressOf('c'), undefined, undefined, sizes)
    await record.flush()
    const [a, b, c] = (sink.batches[0]?.events ?? []) as [AuditEvent, AuditEvent, AuditEvent]
    assert.deepEqual(
      [a.issuer, a.sub, a.credentialKind, a.api, a.operation, a.status, a.code, a.upstreamStatus],
      ['travel', '123', 'jwt', 'travel', 'getProfile', 200, undefined, 204],
    )
    assert.deepEqual(a.objects, [{ type: 'profile', id: '456' }])
    assert.deepEqual([b.status, b.code, b.reason, b.operation], [404, 'MATCH_NO_OPERATION', 'none', ''])
    assert.equal(c.status, 499)
    assert.deepEqual([a.sequence, b.sequence, c.sequence], [0, 1, 2])
    assert.doesNotMatch(JSON.stringify(sink.batches), /canary/)
    await record.close()
    assert.ok(sink.closed)
  })

  test('a request refused before routing is recorded with peer and reason (L03)', async () => {
    const sink = collecting()
    const metrics = createMetrics({ runtime: false })
    const record = createRecord({ sinks: [sink], metrics })
    const { id, time, channel, peer, client, method, path } = progressOf('r')
    const denial = deny('LISTEN_HEADERS_TOO_LARGE', 'listen.head', 'over 16384 bytes')
    record.rejected({ id, time, channel, peer, client, method, path, denial, trail: new Trail() }, 431)
    await record.flush()
    const event = sink.batches[0]?.events[0]
    assert.deepEqual([event?.status, event?.peer, event?.reason], [431, '127.0.0.1', 'over 16384 bytes'])
    const line =
      'sallyport_requests_total{api="",operation="",status_class="4xx",code="LISTEN_HEADERS_TOO_LARGE"}'
    assert.equal(await metricOf(metrics, line), 1)
    await record.close()
  })

  test('events wait for flushMs, or for a full batch', async () => {
    const sink = collecting()
    const record = createRecord({
      sinks: [sink],
      metrics: createMetrics({ runtime: false }),
      flushMs: 30,
      batchSize: 10,
    })
    for (let i = 0; i < 3; i++) record.call(progressOf(`t${i}`), ok, undefined, sizes)
    assert.equal(sink.ids.length, 0)
    await wait(80)
    assert.equal(sink.ids.length, 3)
    for (let i = 0; i < 25; i++) record.call(progressOf(`b${i}`), ok, undefined, sizes)
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    assert.ok(sink.ids.length >= 13)
    await record.flush()
    assert.equal(sink.ids.length, 28)
    await record.close()
  })

  test('the queue is bounded and its loss is counted', async () => {
    const sink = collecting()
    const metrics = createMetrics({ runtime: false })
    const record = createRecord({ sinks: [sink], metrics, queueLimit: 100, batchSize: 1000 })
    for (let i = 0; i < 150; i++) record.call(progressOf(`q${i}`), ok, undefined, sizes)
    assert.equal(await metricOf(metrics, 'sallyport_events_queued'), 100)
    await record.flush()
    assert.equal(sink.ids.length, 100)
    assert.equal(await metricOf(metrics, 'sallyport_events_lost_total{reason="queue-full"}'), 50)
    await record.close()
    record.call(progressOf('late'), ok, undefined, sizes)
    assert.equal(await metricOf(metrics, 'sallyport_events_lost_total{reason="closed"}'), 1)
  })

  test('a sink that fails is retried, alarmed, and does not disturb the other', async () => {
    const good = collecting('good')
    const bad = collecting('bad')
    const said: string[] = []
    const metrics = createMetrics({ runtime: false })
    let failures = 3
    bad.failing = () => failures-- > 0
    const log = {
      warn: (_: object, text: string) => said.push(text),
      error: (_: object, text: string) => said.push(text),
    }
    const record = createRecord({ sinks: [good, bad], metrics, retry: quick, log })
    record.call(progressOf('x'), ok, undefined, sizes)
    await record.flush()
    assert.deepEqual(good.ids, ['x'])
    assert.deepEqual(bad.ids, ['x'])
    assert.equal(await metricOf(metrics, 'sallyport_sink_failures_total{sink="bad"}'), 3)
    assert.equal(await metricOf(metrics, 'sallyport_sink_up{sink="bad"}'), 1)
    assert.deepEqual(said, ['audit sink failed', 'audit sink works again'])
    await record.close()
  })

  test('a sink that stays down loses a counted number, in bounded memory', async () => {
    const dead = collecting('dead')
    const metrics = createMetrics({ runtime: false })
    dead.failing = () => true
    const record = createRecord({
      sinks: [dead],
      metrics,
      queueLimit: 50,
      batchSize: 10,
      retry: { ...quick, attempts: 3 },
    })
    let recorded = 0
    for (let turn = 0; turn < 20; turn++) {
      for (let i = 0; i < 20; i++, recorded++) record.call(progressOf('d'), ok, undefined, sizes)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await record.flush()
    const lost =
      (await metricOf(metrics, 'sallyport_events_lost_total{reason="sink-failed"}')) +
      (await metricOf(metrics, 'sallyport_events_lost_total{reason="sink-full"}')) +
      (await metricOf(metrics, 'sallyport_events_lost_total{reason="queue-full"}'))
    assert.equal(lost, recorded)
    assert.equal(await metricOf(metrics, 'sallyport_sink_up{sink="dead"}'), 0)
    await record.close(100)
  })

  test('a sink that never answers holds up neither calls nor close', async () => {
    const metrics = createMetrics({ runtime: false })
    const record = createRecord({
      sinks: [
        { name: 'stuck', write: () => new Promise<void>(() => undefined), close: async () => undefined },
      ],
      metrics,
      retry: { ...quick, timeoutMs: 20, attempts: 2 },
    })
    record.call(progressOf('s'), ok, undefined, sizes)
    await record.close(500)
    assert.equal(await metricOf(metrics, 'sallyport_events_lost_total{reason="sink-failed"}'), 1)
  })

  test('a write that answers late is not done twice', async () => {
    const written: string[] = []
    const metrics = createMetrics({ runtime: false })
    const record = createRecord({
      sinks: [
        {
          name: 'late',
          async write(batch) {
            await new Promise((resolve) => setTimeout(resolve, 80))
            for (const { id } of batch.events) written.push(id)
          },
          close: async () => undefined,
        },
      ],
      metrics,
      retry: { ...quick, timeoutMs: 20, attempts: 6 },
    })
    record.call(progressOf('first'), ok, undefined, sizes)
    await record.flush()
    record.call(progressOf('second'), ok, undefined, sizes)
    await record.flush()
    await record.close(100)
    assert.deepEqual(written, ['first', 'second'])
    assert.equal(await metricOf(metrics, 'sallyport_events_lost_total{reason="sink-failed"}'), 0)
  })

  test('never throws, whatever it is given', async () => {
    const sink = collecting()
    const metrics = createMetrics({ runtime: false })
    const record = createRecord({ sinks: [sink], metrics })
    record.call({} as never, ok, undefined, sizes)
    record.rejected({} as never, 400)
    record.call(progressOf('odd', { path: 7 as never }), ok, undefined, sizes)
    record.call(progressOf('fine'), ok, undefined, sizes)
    await record.flush()
    assert.ok(sink.ids.includes('fine'))
    assert.ok((await metricOf(metrics, 'sallyport_events_lost_total{reason="unbuildable"}')) >= 2)
    await record.close()
  })

  test('a fault is logged with its frames and without its message', async () => {
    const said: object[] = []
    const log = { warn: () => undefined, error: (about: object) => said.push(about) }
    const record = createRecord({ sinks: [], metrics: createMetrics({ runtime: false }), log })
    const cause = new TypeError('token canary-secret is no object')
    record.call(
      progressOf('f'),
      undefined,
      deny('GATEWAY_FAULT', 'gateway.fault', 'TypeError', { cause }),
      sizes,
    )
    await record.flush()
    assert.match(JSON.stringify(said), /TypeError.*record\.test/)
    assert.doesNotMatch(JSON.stringify(said), /canary/)
    await record.close()
  })
})
