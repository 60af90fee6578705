import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { demonstrate } from './travel/demonstrate.ts'
import { formatEventLine } from './travel/event-line.ts'
import { introduction } from './travel/introduction.ts'
import { type RunningTravel, runTravel } from './travel/run-travel.ts'

const usage = `npm start [-- --demo | --quiet]

Runs the travel example: the weak upstream, Sallyport with its authorization server in front of it, and a page that signs
people in and calls the API. Ctrl-C ends all of it.

  --demo   run the attacks on both, print the table, end; exit 1 where the gate did not hold
  --quiet  do not run the attacks first
`
const gate = 'http://127.0.0.1:8080'
const admin = 'http://127.0.0.1:9090'
const upstreamPort = 4000
const clientPort = 4001

const { values } = parseArgs({
  options: {
    demo: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}
const colour = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined
const write = (text: string): void => void process.stdout.write(`${text}\n`)
const folder = join(import.meta.dirname, '..', 'examples', 'travel')

let starting: Promise<RunningTravel> | undefined
let ending = false
process.on('SIGINT', () => void end(0))
process.on('SIGTERM', () => void end(0))

try {
  await run()
} catch (error) {
  process.stderr.write(`start: ${explain(error)}\n`)
  await end(1)
}

async function run(): Promise<void> {
  // Costs nothing where it is built already. Without a console, the example still runs.
  spawnSync(process.execPath, [join(import.meta.dirname, '../console/build.ts')], { stdio: 'inherit' })
  let since = Number.POSITIVE_INFINITY
  starting = runTravel({
    config: join(folder, 'sallyport.yaml'),
    keys: join(folder, '.sallyport'),
    gate,
    admin,
    upstreamPort,
    clientPort,
    onLine(line) {
      const shown = formatEventLine(line, since, colour)
      if (shown !== undefined) write(shown)
    },
  })
  const travel = await starting
  void travel.ended.then((code) => {
    if (!ending) process.stderr.write(`start: the gateway ended with ${code}\n`)
    void end(code)
  })
  let surprises: readonly string[] = []
  if (!values.quiet || values.demo) {
    write('\nAttacks on the travel API: alone, and behind the gate\n')
    const shown = await demonstrate(gate, travel.scene, colour)
    write(shown.table)
    surprises = shown.surprises
    if (surprises.length > 0) process.stderr.write(`\nstart: not as expected: ${surprises.join('; ')}\n`)
  }
  if (values.demo) return end(surprises.length > 0 ? 1 : 0)
  write(introduction(travel, gate, admin))
  since = Date.now()
}

async function end(code: number): Promise<void> {
  if (ending) return
  ending = true
  await starting?.then(
    (travel) => travel.close(),
    () => undefined,
  )
  process.exit(code)
}

function explain(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
    return 'a port is taken; the example needs 4000, 4001, 8080 and 9090'
  return error instanceof Error ? error.message : String(error)
}
