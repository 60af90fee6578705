// Two workers beside one gateway of one, and beside two such gateways that share nothing: CPU a call of the whole travel policy,
// and what of it is the main thread's. `npm run bench:workers`. [--seconds N] of each measurement, [--rounds N].
//
// On two cores of their own two workers serve 2 / (CPU a call) calls a second, one gateway 1 / (CPU a call). On a machine whose
// cores the load generator shares nobody sees that throughput, so it is computed; and two busy threads cost each other caches
// and hyperthreads, whatever they run, so the second row says what two would cost that have nothing in common.
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
  readonly title: string
  readonly servers: readonly { readonly port: number; readonly server: Pinned }[]
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
  for (const [title, workers, count] of [
    ['one', 1, 1],
    ['two gateways of one', 1, 2],
    ['two workers', 2, 1],
  ] as const) {
    const servers = []
    for (let n = 0; n < count; n++) {
      const port = await freePort()
      const server = await startTravel(site, port, backendPort, {}, 'memory', { workers, core: undefined })
      running.push(server)
      servers.push({ port, server })
    }
    gates.push({
      title,
      servers,
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
      const { servers } = gate
      const cpuOf = (): number => servers.reduce((sum, { server }) => sum + server.cpu(), 0)
      const timesOf = (): ReadonlyMap<number, number> =>
        new Map(servers.flatMap(({ server }) => [...threadTimes(server.pid)]))
      const before = cpuOf()
      const threads = timesOf()
      // Each thread compiles for itself: the first round lasts longer.
      const lasting = round === 0 ? 6 * seconds : seconds
      const loads = await Promise.all(
        servers.map(({ port }) => saturate(site, get, port, lasting, 64 / servers.length)),
      )
      const requests = loads.reduce((sum, load) => sum + load.requests, 0)
      gate.failures += loads.reduce((sum, load) => sum + load.failures, 0)
      // What was recorded is written soon after the last call.
      await new Promise((resolve) => setTimeout(resolve, 500))
      if (round === 0) continue
      const cpu = (cpuOf() - before) / requests
      gate.throughput = Math.max(gate.throughput, requests / lasting)
      if (cpu >= gate.cpu) continue
      gate.cpu = cpu
      const spent = [...timesOf()].map(
        ([task, time]) => [task, (time - (threads.get(task) ?? 0)) / requests] as const,
      )
      const isMain = (task: number): boolean => servers.some(({ server }) => server.pid === task)
      gate.main = spent.filter(([task]) => isMain(task)).reduce((sum, [, time]) => sum + time, 0)
      gate.shares = spent
        .filter(([task]) => !isMain(task))
        .map(([, time]) => time)
        .sort((a, b) => b - a)
        .slice(0, 3)
    }
  console.log(`\nGET profile, whole travel policy, one caller; ${availableParallelism()} cores for all\n`)
  console.log(
    formatTable([
      ['', 'CPU µs/call', 'main threads', 'busiest others', 'calls/s seen', 'failed'],
      ...gates.map(({ title, cpu, main, shares, throughput, failures }) => [
        title,
        cpu.toFixed(1),
        main.toFixed(1),
        shares.map((one) => one.toFixed(1)).join(' + '),
        throughput.toFixed(0),
        String(failures),
      ]),
    ]),
  )
  const [one, apart, two] = gates.map(({ cpu }) => cpu)
  const verdict = (ratio: number): string =>
    `${ratio.toFixed(2)} ≥ ${goal}: ${ratio >= goal ? 'reached' : 'missed'}`
  const per = (base: number | undefined): number => (2 * (base ?? Number.NaN)) / (two ?? Number.NaN)
  console.log(`\ntwo workers on two cores / one on one: ${verdict(per(one))}`)
  console.log(`the same, beside two that share nothing: ${verdict(per(apart))}`)
  const main = gates[2]?.main ?? Number.NaN
  console.log(
    `the main thread of two workers costs ${main.toFixed(1)} µs a call: it bears ${(1e6 / main).toFixed(0)} calls/s`,
  )
} finally {
  for (const one of running.reverse()) await one.stop()
  site.close()
}
