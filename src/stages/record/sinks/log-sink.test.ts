import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
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

test('a process whose log is on a full disk still exits', {
  skip: process.platform !== 'linux',
}, () => {
  const sink = new URL('./log-sink.ts', import.meta.url).href
  const ran = spawnSync(
    process.execPath,
    [
      '--input-type=module-typescript',
      '-e',
      `import { createLogSink } from '${sink}'
       const sink = createLogSink({ file: '/dev/full' })
       const batch = { events: [], lines: ['{}'] }
       await sink.write(batch).catch(({ code }) => console.log(code))
       try { sink.writeSync(batch) } catch ({ code }) { console.log(code) }`,
    ],
    { encoding: 'utf8', timeout: 20_000 },
  )
  assert.deepEqual([ran.status, ran.stdout], [0, 'ENOSPC\nENOSPC\n'])
})

test('a line that a failed write broke off is completed before the next batch', async () => {
  const file = join(folder, 'limited.jsonl')
  const sink = new URL('./log-sink.ts', import.meta.url).href
  // A limit of the file's size (its unit differs between shells) ends the write in the middle of a line.
  const child = `
    process.on('SIGXFSZ', () => undefined)
    const { createLogSink } = await import('${sink}')
    const { truncateSync, readFileSync } = await import('node:fs')
    const sink = createLogSink({ file: '${file}' })
    const long = { events: [], lines: ['x'.repeat(700), 'y'.repeat(700), 'z'.repeat(700)] }
    const failed = await sink.write(long).catch((error) => error.code)
    const before = readFileSync('${file}', 'utf8')
    truncateSync('${file}', 0)
    await sink.write({ events: [], lines: ['next'] })
    console.log(JSON.stringify([failed, before + readFileSync('${file}', 'utf8')]))`
  const ran = spawnSync(
    'sh',
    ['-c', 'ulimit -f 1; exec "$0" --input-type=module -e "$1"', process.execPath, child],
    {
      encoding: 'utf8',
      timeout: 20_000,
    },
  )
  const [code, text] = JSON.parse(ran.stdout) as [string, string]
  assert.equal(code, 'EFBIG')
  const lines = text.split('\n')
  assert.deepEqual(lines.splice(-2), ['next', ''])
  assert.ok(lines.length === 1 || lines.length === 2)
  for (const line of lines) assert.match(line, /^(?:x{700}|y{700})$/)
})
