import { generateKeyPairSync } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { Matched } from '../src/kernel/facts.ts'
import type { Operation } from '../src/kernel/operation.ts'
import { anonymous } from '../src/kernel/principal.ts'
import type { Stage } from '../src/kernel/trail.ts'
import { createAnomaly } from '../src/stages/record/anomaly/create-anomaly.ts'
import { createChain } from '../src/stages/record/chain/chain.ts'
import { createInventory } from '../src/stages/record/inventory/create-inventory.ts'
import { createMetrics } from '../src/stages/record/metrics/metrics.ts'
import { createRecord, type RecordOptions } from '../src/stages/record/record.ts'
import { ok, progressOf, sizes } from '../src/stages/record/sink.fixture.ts'
import { createTracer } from '../src/stages/record/traces/create-tracer.ts'
import { measureDurable } from './durable.ts'
import { formatTable } from './table.ts'

const usage = `npm run bench:record -- [--calls 20000] [--rounds 8]

What putting a call on record costs in CPU time: on its way (noted, counted, queued), and in the batch (event built, chained,
serialised, watched, handed to a sink), with one part after the other switched on. The best round counts. Then what keeping
events in SQLite costs at a rate, and for how long at most a call waits for it.
`
const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '8' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}
const calls = Number(values.calls)
const rounds = Number(values.rounds)

const stages: readonly Stage[] = [
  'match',
  'identify',
  'authorize',
  'limit',
  'inspect',
  'forward',
  'screen',
  'record',
]
const operation = {
  slot: 0,
  api: 'travel',
  id: 'getProfile',
  method: 'GET',
  template: '/users/{userId}',
  parameters: [],
  input: { body: undefined },
  output: { find: () => undefined },
} as unknown as Operation

function callsOf(count = calls): Matched[] {
  return Array.from({ length: count }, (_, i) => {
    const principal = {
      ...anonymous,
      issuer: 'travel',
      sub: String(i % 500),
      kind: 'jwt',
      credential: 'c'.repeat(32),
    }
    const call = progressOf(`bench-${i}`, { operation, principal } as unknown as Partial<Matched>)
    for (const stage of stages) call.trail.enter(stage)
    for (const stage of ['identify', 'authorize', 'inspect'] as const)
      call.trail.note(stage, `${stage}.x`, 'allow')
    return call as Matched
  })
}

/** Microseconds of CPU a call: on the way, and in the batch. */
async function measure(parts: Partial<RecordOptions>): Promise<readonly [number, number]> {
  let best: readonly [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  const record = createRecord({
    sinks: [{ name: 'nowhere', queue: calls * 2, write: () => undefined, close: async () => undefined }],
    metrics: createMetrics({ runtime: false }),
    queueLimit: calls * 2,
    ...parts,
  })
  for (let round = 0; round < rounds; round++) {
    const made = callsOf()
    const before = process.cpuUsage().user
    for (const call of made) record.call(call, ok, undefined, sizes)
    const noted = process.cpuUsage().user
    await record.flush()
    const done = process.cpuUsage().user
    best = [Math.min(best[0], (noted - before) / calls), Math.min(best[1], (done - noted) / calls)]
  }
  await record.close()
  return best
}

const chain = createChain({ key: generateKeyPairSync('ed25519').privateKey })
const anomaly = createAnomaly()
const watch = (event: Parameters<typeof anomaly.observe>[0]): void => void anomaly.observe(event)
const inventory = createInventory({ apiOf: (path) => ({ api: '', path }) })
const tracer = createTracer({
  url: 'https://collector.example/v1/traces',
  headers: {},
  timeoutMs: 1_000,
  outbound: { deliver: async () => ({ status: 200, retryAfterMs: undefined, text: undefined }) },
  resource: { attributes: [] },
  version: '0',
  ratio: 0.05,
  respectCallers: false,
  batch: 100,
  queue: 100_000,
  destinationOf: () => undefined,
  counted: () => undefined,
})
const rows: string[][] = []
let parts: Partial<RecordOptions> = {}
for (const [name, more] of [
  ['event and JSON line', {}],
  ['+ chain', { chain }],
  ['+ patterns of calls', { watch }],
  ['+ inventory', { inventory }],
  ['+ traces of one in twenty', { tracer }],
] as const) {
  process.stderr.write(`bench: ${name} …\n`)
  parts = { ...parts, ...more }
  const [way, batch] = await measure(parts)
  rows.push([name, way.toFixed(2), batch.toFixed(2)])
}
await inventory.close()
await tracer.close()
process.stdout.write(`${formatTable([['what', 'on the way, µs', 'in the batch, µs'], ...rows])}\n`)
const way = Number(rows.at(-1)?.[1])
process.stdout.write(`on the way of a call: ${way} µs, aimed at ≤ 6 µs: ${way <= 6 ? 'reached' : 'missed'}\n`)

const kept: string[][] = []
/** Events that the recorder serialises before calls have their turn: none waits longer for it. */
const inOnePiece = 64
for (const rate of [1_000, 10_000, 50_000]) {
  process.stderr.write(`bench: ${rate} events a second into SQLite …\n`)
  const { perSecond, lost, calling, writing } = await measureDurable(rate, 3, callsOf)
  kept.push([
    String(rate),
    perSecond.toFixed(0),
    String(lost),
    calling.toFixed(2),
    writing.toFixed(2),
    ((inOnePiece * calling) / 1000).toFixed(2),
    // Each has a core where the machine has two to spare.
    String(Math.round(1e6 / Math.max(calling, writing))),
  ])
}
const titles = [
  'events/s asked',
  'kept/s',
  'lost',
  'CPU µs here',
  'CPU µs of the database',
  'ms in one piece',
]
process.stdout.write(`\n${formatTable([titles, ...kept])}\n`)
