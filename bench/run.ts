import { existsSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { freePort } from './free-port.ts'
import { judgeGoals } from './goal.ts'
import { installPeers } from './install-peers.ts'
import { type Measured, measure } from './measure.ts'
import { loadCore } from './pinned-process.ts'
import { scenarios } from './scenario.ts'
import { createSite } from './site.ts'
import { stageCost } from './stage-cost.ts'
import type { Subject } from './subject.ts'
import { startBackend } from './subjects/nginx.ts'
import { subjects } from './subjects.ts'
import { formatTable } from './table.ts'

const usage = `npm run bench -- [--only NAME,NAME] [--seconds N] [--rounds N] [--rate N] [--quick] [--json FILE]

Measures Sallyport beside its peers: CPU microseconds a request, requests a second at saturation, and
latency at a constant arrival rate. One core for the server, another for load generator and backend.

  --only     ${subjects.map(({ name }) => name).join(', ')}
  --seconds  length of each measurement (3)
  --rounds   measurements at saturation, of which the best counts (3)
  --rate     arrival rate for latencies; half of its capacity where a subject has less than twice that (1000)
  --quick    one round of one second
  --json     where the results go (bench/results.json)
`

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    rate: { type: 'string', default: '1000' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string', default: join(import.meta.dirname, 'results.json') },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}
const wanted = values.only?.split(',')
const unknown = wanted?.filter((name) => !subjects.some((subject) => subject.name === name)) ?? []
const seconds = values.quick ? 1 : Number(values.seconds)
const rounds = values.quick ? 1 : Number(values.rounds)
const rate = Number(values.rate)
if (
  unknown.length > 0 ||
  !(seconds >= 1 && seconds <= 600) ||
  !(rounds >= 1 && rounds <= 100) ||
  !(rate >= 1 && rate <= 100_000)
) {
  process.stderr.write(unknown.length > 0 ? `bench: no subject named ${unknown.join(', ')}\n` : usage)
  process.exit(2)
}
const chosen = subjects.filter(({ name }) => wanted === undefined || wanted.includes(name))

installPeers(chosen)
for (const tool of ['/usr/bin/wrk', '/usr/sbin/nginx'])
  if (!existsSync(tool)) {
    process.stderr.write(`bench: needs ${tool} (load generator wrk, backend nginx)\n`)
    process.exit(2)
  }

const site = await createSite(32)
const backendPort = await freePort()
const backend = await startBackend(site, loadCore, backendPort)
const rowsOf = new Map<string, readonly Measured[]>()
const resident = new Map<string, number>()
const missing: { readonly name: string; readonly why: string }[] = []
let stages: Readonly<Record<string, number>> = {}
try {
  for (const subject of chosen) await runSubject(subject)
} finally {
  await backend.stop()
  site.close()
}
print()
writeFileSync(
  values.json,
  `${JSON.stringify(
    {
      time: new Date().toISOString(),
      node: process.version,
      processor: cpus()[0]?.model,
      cores: cpus().length,
      seconds,
      rounds,
      subjects: chosen.map(({ name, title }) => ({
        name,
        title,
        resident: resident.get(name),
        rows: rowsOf.get(name) ?? [],
      })),
      missing,
      sallyportStages: stages,
      goals: judgeGoals(rowsOf),
    },
    undefined,
    2,
  )}\n`,
)
process.exitCode = missing.some(({ name }) => name.startsWith('sallyport')) ? 1 : 0

async function runSubject(subject: Subject): Promise<void> {
  process.stderr.write(`bench: ${subject.title} …\n`)
  if (!existsSync(subject.needs)) {
    const from = subject.packages.length > 0 ? subject.packages.join(' ') : 'bench/peers (npm ci)'
    missing.push({ name: subject.name, why: `not installed; it comes from ${from}` })
    return
  }
  try {
    const result = await measure(subject, site, backendPort, { seconds, rounds, rate }, async (port) => {
      if (subject.name === 'sallyport') stages = await stageCost(port)
    })
    rowsOf.set(subject.name, result.rows)
    resident.set(subject.name, result.resident)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    missing.push({ name: subject.name, why: why.slice(0, 600) })
  }
}

function print(): void {
  const write = (text: string): void => void process.stdout.write(`${text}\n`)
  for (const scenario of scenarios) {
    const base = find('haproxy-jwt', scenario.name)
    const header = [
      '',
      'CPU µs/req',
      '× HAProxy+JWT',
      'req/s',
      'p50 ms',
      'p99 ms',
      'at req/s',
      'failed',
      'MB',
    ]
    const lines = chosen.flatMap(({ name, title }) => {
      const row = find(name, scenario.name)
      if (row === undefined) return []
      return [
        [
          title,
          row.cpu.toFixed(1),
          base === undefined ? '' : (row.cpu / base.cpu).toFixed(2),
          row.throughput.toFixed(0),
          row.latency.p50.toFixed(2),
          row.latency.p99.toFixed(2),
          String(row.rate),
          String(row.failures),
          ((resident.get(name) ?? 0) / 1e6).toFixed(0),
        ],
      ]
    })
    write(`\n${scenario.title}\n${formatTable([header, ...lines])}`)
  }
  const goals = judgeGoals(rowsOf)
  if (goals.length > 0) write(`\nGoals (CPU a request, ratio in this run)\n${formatTable(goals)}`)
  const costs = Object.entries(stages)
  if (costs.length > 0)
    write(
      `\nSallyport's stages, mean µs a call (forward includes waiting for the backend)\n${formatTable(costs.map(([stage, cost]) => [stage, cost.toFixed(1)]))}`,
    )
  for (const { name, why } of missing) write(`\nnot measured: ${name}: ${why}`)
}

function find(name: string, scenario: string): Measured | undefined {
  return rowsOf.get(name)?.find((row) => row.scenario === scenario)
}
