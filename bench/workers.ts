// Two workers beside one: CPU a call of the whole travel policy, and what of it is the main thread's. `npm run bench:workers`.
// [--seconds N] of each measurement, [--rounds N]. Two workers on two cores serve 2 / (CPU a call) calls a second, where each
// has a core: on a machine that the load generator shares that is no throughput anybody sees, so it is computed.
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { freePort } from './free-port.ts'
import { loadCore, type Pinned } from './pinned-process.ts'
import { scenarios } from './scenario.ts'
import { createSite } from './site.ts'
import { startBackend } from './subjects/nginx.ts'
import { startTravel } from './subjects/sallyport.ts'
import { formatTable } from './table.ts'
import { saturate } from './wrk.ts'

/** Two workers are to do at least so many times as much as one. */
const goal = 1.8

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '3' }, rounds: { type: 'string', default: '5' } },
})
const seconds = Number(values.seconds)
const rounds = Number(values.rounds)
if (!(seconds >= 1 && seconds <= 600 && rounds >= 1 && rounds <= 100)) {
  console.error('bench:workers: [--seconds N] [--rounds N]')
  process.exit(2)
}

interface Gate {
  readonly workers: number
  readonly port: number
  readonly server: Pinned
  cpu: number
  main: number
  throughput: number
  failures: number
  shares: readonly number[]
}

/** CPU of each thread that served, busiest first, microseconds; the first of `all` is the main thread. */
function threadTimes(pid: number): ReadonlyMap<number, number> {
  return new Map(
    readdirSync(`/proc/${pid}/task`).map((task) => {
      const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return [Number(task), (Number(fields[11]) + Number(fields[12])) * 10_000]
    }),
  )
}

const site = await createSite(32)
const backendPort = await freePort()
const running: Pinned[] = [await startBackend(site, loadCore, backendPort)]
try {
  const gates: Gate[] = []
  for (const workers of [1, 2]) {
    const port = await freePort()
    const server = await startTravel(site, port, backendPort, {}, 'memory', { workers, core: undefined })
    running.push(server)
    gates.push({
      workers,
      port,
      server,
      cpu: Number.POSITIVE_INFINITY,
      main: 0,
      throughput: 0,
      failures: 0,
      shares: [],
    })
  }
  const [get] = scenarios
  if (get === undefined) throw new Error('there is no scenario')
  for (let round = 0; round <= rounds; round++)
    for (const gate of round % 2 === 0 ? gates : gates.toReversed()) {
      const before = gate.server.cpu()
      const threads = threadTimes(gate.server.pid)
      // Each thread compiles for itself: the first round lasts as much longer as there are threads.
      const load = await saturate(site, get, gate.port, round === 0 ? 5 * seconds * gate.workers : seconds)
      gate.failures += load.failures
      // What was recorded is written soon after the last call.
      await new Promise((resolve) => setTimeout(resolve, 500))
      if (round === 0) continue
      const cpu = (gate.server.cpu() - before) / load.requests
      gate.throughput = Math.max(gate.throughput, load.requests / load.seconds)
      if (cpu >= gate.cpu) continue
      gate.cpu = cpu
      const spent = [...threadTimes(gate.server.pid)].map(
        ([task, time]) => [task, (time - (threads.get(task) ?? 0)) / load.requests] as const,
      )
      gate.main = spent.find(([task]) => task === gate.server.pid)?.[1] ?? 0
      gate.shares = spent
        .filter(([task]) => task !== gate.server.pid)
        .map(([, time]) => time)
        .sort((a, b) => b - a)
        .slice(0, 3)
    }
  console.log(`\nGET profile, whole travel policy, one caller; ${availableParallelism()} cores for all\n`)
  console.log(
    formatTable([
      ['workers', 'CPU µs/call', 'main thread', 'busiest others', 'calls/s seen', 'failed'],
      ...gates.map(({ workers, cpu, main, shares, throughput, failures }) => [
        String(workers),
        cpu.toFixed(1),
        main.toFixed(1),
        shares.map((one) => one.toFixed(1)).join(' + '),
        throughput.toFixed(0),
        String(failures),
      ]),
    ]),
  )
  const [one, two] = gates
  const ratio = (2 * (one?.cpu ?? Number.NaN)) / (two?.cpu ?? Number.NaN)
  console.log(
    `\ntwo workers on two cores of their own / one on one: ${ratio.toFixed(2)} ≥ ${goal}: ${ratio >= goal ? 'reached' : 'missed'}`,
  )
  console.log(
    `the main thread costs ${two?.main.toFixed(1)} µs a call: it bears ${(1e6 / (two?.main ?? Number.NaN)).toFixed(0)} calls/s`,
  )
} finally {
  for (const one of running.reverse()) await one.stop()
  site.close()
}
