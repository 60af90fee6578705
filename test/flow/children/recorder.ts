import { writeSync } from 'node:fs'
import { createMetrics } from '../../../src/stages/record/metrics/metrics.ts'
import { createRecord } from '../../../src/stages/record/record.ts'
import { ok, progressOf, sizes } from '../../../src/stages/record/sink.fixture.ts'
import { createLogSink } from '../../../src/stages/record/sinks/log-sink.ts'
import { createStoreSink } from '../../../src/stages/record/sinks/store-sink.ts'
import { createSqliteEventStore } from '../../../src/stores/sqlite/event-store.ts'

// Records calls and prints, for each, its number and time. `forever`: until it is killed. `throw`, `exit`:
// records 300 and ends without a word.
const [folder = '', mode = '', flushMs = '50'] = process.argv.slice(2)
const store = await createSqliteEventStore(`${folder}/events.db`, { chunk: 64 })
const record = createRecord({
  sinks: [createLogSink({ file: `${folder}/events.jsonl` }), createStoreSink(store)],
  metrics: createMetrics({ runtime: false }),
  flushMs: Number(flushMs),
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
