import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createMetrics } from '../metrics/metrics.ts'
import { createRecord } from '../record.ts'
import { ok, progressOf, sizes } from '../sink.fixture.ts'
import { createLogSink } from './log-sink.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-log-'))
after(() => rmSync(folder, { recursive: true, force: true }))

test('one JSON line an event, in a file only its owner can read', async () => {
  const file = join(folder, 'made', 'audit.jsonl')
  const record = createRecord({
    sinks: [createLogSink({ file })],
    metrics: createMetrics({ runtime: false }),
  })
  for (let i = 0; i < 1000; i++) record.call(progressOf(`l${i}\n"}`), ok, undefined, sizes)
  await record.flush()
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { id: string }).id),
    Array.from({ length: 1000 }, (_, i) => `l${i}\n"}`),
  )
  assert.equal(statSync(file).mode & 0o777, 0o600)
  await record.close()
})

test('a file on a full disk: alarmed, counted, nothing thrown', {
  skip: process.platform !== 'linux',
}, async () => {
  const metrics = createMetrics({ runtime: false })
  const record = createRecord({
    sinks: [createLogSink({ file: '/dev/full' })],
    metrics,
    retry: { attempts: 2, firstMs: 1, longestMs: 1, timeoutMs: 1000 },
  })
  record.call(progressOf('x'), ok, undefined, sizes)
  await record.flush()
  const text = await metrics.text()
  assert.match(text, /sallyport_sink_up\{sink="log"\} 0/)
  assert.match(text, /sallyport_sink_failures_total\{sink="log"\} 2/)
  assert.match(text, /sallyport_events_lost_total\{reason="sink-failed"\} 1/)
  await record.close(500)
})
