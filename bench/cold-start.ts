import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { stringify } from 'yaml'
import { freePort } from './free-port.ts'
import { loadCore } from './pinned-process.ts'
import { host, scenarios } from './scenario.ts'
import { createSite } from './site.ts'
import { startBackend } from './subjects/nginx.ts'
import { program, travelConfig } from './subjects/sallyport.ts'

const usage = `npm run bench:start -- [--rounds N] [--program FILE]

From the start of the process to the first call that the whole travel policy let through, with a fresh store each time:
milliseconds of the clock, of the processor, and of the main thread alone. The first round fills the cache of
compiled code and does not count. --program: bin/sallyport.js of a built package instead of the sources.
`
/** Processor time is told in hundredths of a second. */
const tickMs = 10
const between = 2

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    program: { type: 'string', default: program },
    help: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
if (values.help || !(rounds >= 1 && rounds <= 100)) {
  process.stderr.write(usage)
  process.exit(values.help ? 0 : 2)
}

interface Start {
  readonly clock: number
  readonly processor: number
  readonly main: number
}

const site = await createSite(1)
const backendPort = await freePort()
const backend = await startBackend(site, loadCore, backendPort)
const starts: Start[] = []
try {
  await startOnce()
  for (let round = 0; round < rounds; round++) starts.push(await startOnce())
} finally {
  await backend.stop()
  site.close()
}
for (const [what, title] of [
  ['clock', 'start to first answer'],
  ['processor', 'processor time'],
  ['main', 'of it the main thread'],
] as const) {
  const sorted = starts.map((start) => start[what]).sort((a, b) => a - b)
  const median = sorted[sorted.length >> 1] ?? Number.NaN
  process.stdout.write(`${title.padEnd(22)} best ${ms(sorted[0])}  median ${ms(median)}\n`)
}

function ms(value = Number.NaN): string {
  return `${value.toFixed(0).padStart(5)} ms`
}

async function startOnce(): Promise<Start> {
  const port = await freePort()
  const file = join(site.folder, `start-${port}.yaml`)
  writeFileSync(file, stringify(await travelConfig(site, port, backendPort)))
  const began = performance.now()
  const child = spawn(process.execPath, [resolve(values.program), 'serve', '--config', file], {
    stdio: 'ignore',
    env: { ...process.env, NODE_ENV: 'production' },
  })
  try {
    while ((await ask(port)) !== 200) {
      if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}`)
      await new Promise((done) => setTimeout(done, between))
    }
    const clock = performance.now() - began
    const { pid } = child
    return { clock, processor: used(`/proc/${pid}/stat`), main: used(`/proc/${pid}/task/${pid}/stat`) }
  } finally {
    await stop(child)
  }
}

function ask(port: number): Promise<number> {
  const [profile] = scenarios
  const headers = { host, authorization: `Bearer ${site.tokens[0]}` }
  return new Promise((done) => {
    request({ host: '127.0.0.1', port, path: profile?.path, headers, agent: false }, (response) => {
      response.resume()
      response.on('end', () => done(response.statusCode ?? 0))
    })
      .on('error', () => done(0))
      .end()
  })
}

/** utime and stime, fields 14 and 15; the name before them may hold spaces. */
function used(file: string): number {
  const stat = readFileSync(file, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = new Promise((done) => child.once('exit', done))
  child.kill('SIGTERM')
  await ended
}
