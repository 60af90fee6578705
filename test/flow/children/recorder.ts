import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync, writeSync } from 'node:fs'
import { createCarrier } from '../../../src/outbound/create-carrier.ts'
import { createOutbound } from '../../../src/outbound/create-outbound.ts'
import { createChain } from '../../../src/stages/record/chain/chain.ts'
import { createMetrics } from '../../../src/stages/record/metrics/metrics.ts'
import { createRecord } from '../../../src/stages/record/record.ts'
import { ok, progressOf, sizes } from '../../../src/stages/record/sink.fixture.ts'
import type { EventSink } from '../../../src/stages/record/sink.ts'
import { createLogSink } from '../../../src/stages/record/sinks/log-sink.ts'
import { createStoreSink } from '../../../src/stages/record/sinks/store-sink.ts'
import { createSyslogSink } from '../../../src/stages/record/sinks/syslog-sink.ts'
import { createWebhookSink } from '../../../src/stages/record/sinks/webhook-sink.ts'
import { createSqliteEventStore } from '../../../src/stores/sqlite/event-store.ts'

// Records calls and prints, for each, its number and time. `forever`: until it is killed. `throw`, `exit`:
// records 300 and ends without a word. With ports it also sends them to a webhook and a syslog server on loopback.
const [folder = '', mode = '', flushMs = '50', hook = '', syslog = ''] = process.argv.slice(2)

function remote(): EventSink[] {
  if (hook === '') return []
  const common = { format: 'events', batch: 200, queue: 10_000, version: '0', timeoutMs: 5_000 } as const
  const outbound = createOutbound({ allowPrivate: [`127.0.0.1:${hook}`] })
  const place = { protocol: 'tcp', host: '127.0.0.1', port: Number(syslog) } as const
  const carrier = createCarrier(place, { allowPrivate: [`127.0.0.1:${syslog}`] })
  return [
    createWebhookSink({
      ...common,
      name: 'webhook',
      url: `http://127.0.0.1:${hook}/`,
      secret: undefined,
      headers: {},
      outbound,
    }),
    createSyslogSink({ ...common, name: 'syslog', protocol: 'tcp', carrier, facility: 'local0' }),
  ]
}

const store = await createSqliteEventStore(`${folder}/events.db`, { chunk: 64 })
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
writeFileSync(`${folder}/public.pem`, publicKey.export({ type: 'spki', format: 'pem' }))
const record = createRecord({
  sinks: [createLogSink({ file: `${folder}/events.jsonl` }), createStoreSink(store), ...remote()],
  metrics: createMetrics({ runtime: false }),
  flushMs: Number(flushMs),
  ...(mode === 'forever' && { chain: createChain({ key: privateKey }) }),
})
let n = 0
const one = (): void => record.call(progressOf(String(n++)), ok, undefined, sizes)
if (mode === 'forever')
  setInterval(() => {
    one()
    writeSync(1, `${n - 1} ${Math.round(performance.now())}\n`)
  }, 1)
else {
  // Nothing is printed here: a burst of small writes into a pipe nobody reads yet ends in EAGAIN.
  await new Promise((resolve) => setTimeout(resolve, 50))
  for (let i = 0; i < 300; i++) one()
  if (mode === 'throw') throw new Error('on purpose')
  process.exit(3)
}
