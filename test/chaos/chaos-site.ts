import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { command, type Ran } from '../flow/sallyport.ts'
import { thingsContract } from '../flow/things-contract.ts'
import { freePort } from '../support/servers/owned-process.ts'
import { type PostgresServer, startPostgres } from '../support/servers/postgres-server.ts'
import { type RedisServer, startRedis } from '../support/servers/redis-server.ts'
import { type ChaosTokens, createChaosTokens, issuer, revokedId } from './chaos-tokens.ts'

export interface ChaosSiteOptions {
  readonly postgres?: boolean
  readonly redis?: boolean
  /** Threads that serve; 1 unless given. */
  readonly workers?: number
  /** Folder of the audit log's file; the site's own unless given. */
  readonly logFolder?: string
}

/** A gateway, what it stands on, and the API behind it: each a process of its own, so that each can be lost. */
export interface ChaosSite {
  readonly port: number
  readonly upstreamPort: number
  readonly folder: string
  /** JSON lines of audit events. */
  readonly logFile: string
  readonly tokens: ChaosTokens
  readonly redis: RedisServer | undefined
  readonly postgres: PostgresServer | undefined
  /** Requests that reached the upstream, as `METHOD path`, over all its lives. */
  readonly reached: readonly string[]
  /** Started again at once whenever it dies, as a service manager would. */
  readonly gateway: { kill(): void; signal(signal: NodeJS.Signals): void; deaths(): number }
  readonly upstream: {
    kill(): Promise<void>
    start(): Promise<void>
    signal(signal: NodeJS.Signals): void
    mode(mode: 'good' | 'slow' | 'reset' | 'broken'): void
  }
  readonly keys: { stop(): Promise<void>; start(): Promise<void> }
  /** One of several workers ends: from outside, from inside, or by what nobody catches; or the thread that writes events does. */
  breakThread(how: 'terminate' | 'exit' | 'throw' | 'events'): void
  /** Milliseconds from the true time that the gateway's clock shows. */
  moveClock(offsetMs: number): void
  /** A number of `/metrics`; 0 where it is not there. */
  metric(line: string): Promise<number>
  command(name: string, ...args: readonly string[]): Promise<Ran>
  close(): Promise<void>
}

const root = join(import.meta.dirname, '..', '..')
const children = join(import.meta.dirname, 'children')

export async function startChaosSite(options: ChaosSiteOptions = {}): Promise<ChaosSite> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-chaos-'))
  const undo: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const tokens = await createChaosTokens()
    const redis = options.redis === true ? await startRedis() : undefined
    if (redis !== undefined) undo.push(() => redis.close())
    const postgres = options.postgres === true ? await startPostgres() : undefined
    if (postgres !== undefined) undo.push(() => postgres.close())
    const [port, adminPort, upstreamPort, keyPort] = await Promise.all([
      freePort(),
      freePort(),
      freePort(),
      freePort(),
    ])
    const logFile = join(options.logFolder ?? folder, 'events.jsonl')
    const clockFile = join(folder, 'clock')
    const workerFile = join(folder, 'worker')
    writeFileSync(clockFile, '0')
    writeFileSync(join(folder, 'contract.yaml'), thingsContract)
    writeFileSync(
      join(folder, 'sallyport.yaml'),
      `listen: [{ address: "127.0.0.1:${port}" }]
admin: { address: "127.0.0.1:${adminPort}" }
store:
  durable: "${postgres === undefined ? 'sqlite:sallyport.db' : `${postgres.url()}?statement_timeout=1s&connect_timeout=1s`}"
  shared: "${redis === undefined ? 'memory' : redis.url}"
workers: ${options.workers ?? 1}
log: { events: "${logFile}" }
issuers:
  main:
    issuer: ${issuer}
    audience: https://api.example.test
    algorithms: [ES256]
    keys: { jwks: "http://127.0.0.1:${keyPort}/jwks.json" }
apis:
  things:
    contract: contract.yaml
    upstream: { url: "http://127.0.0.1:${upstreamPort}", timeout: 2s }
    objects:
      profile: { id: path.userId, owner: path.userId }
    limits: [{ for: "*", per: caller, rate: 100000/s, burst: 100000 }]
`,
    )
    const keys = keyServer(keyPort, tokens.jwks)
    await keys.start()
    undo.push(() => keys.stop())

    const reached: string[] = []
    const upstream = upstreamProcess(upstreamPort, reached)
    await upstream.start()
    undo.push(() => upstream.kill())

    const revoked = await command(folder, 'tokens', 'revoke', '--jti', revokedId, '--issuer', 'main')
    if (revoked.code !== 0) throw new Error(`cannot revoke: ${revoked.err}`)
    const gateway = supervised(folder, { CHAOS_CLOCK: clockFile, CHAOS_WORKERS: workerFile })
    undo.push(() => gateway.end())
    await gateway.ready()

    return {
      port,
      upstreamPort,
      folder,
      logFile,
      tokens,
      redis,
      postgres,
      reached,
      gateway,
      upstream,
      keys,
      breakThread(how) {
        writeFileSync(workerFile, how)
        gateway.signal('SIGUSR1')
      },
      moveClock(offsetMs) {
        writeFileSync(clockFile, String(offsetMs))
        gateway.signal('SIGUSR2')
      },
      async metric(line) {
        const text = await fetch(`http://127.0.0.1:${adminPort}/metrics`).then(
          (response) => response.text(),
          () => '',
        )
        const found = text.split('\n').filter((one) => one.startsWith(line))
        return found.reduce((sum, one) => sum + Number(one.slice(one.lastIndexOf(' ') + 1)), 0)
      },
      command: (name, ...args) => command(folder, name, ...args),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function keyServer(port: number, jwks: string): ChaosSite['keys'] {
  let server: Server | undefined
  return {
    start: () =>
      new Promise((resolve, reject) => {
        server = createServer((_request, response) => {
          response.writeHead(200, { 'content-type': 'application/json' })
          response.end(jwks)
        })
        server.once('error', reject)
        server.listen(port, '127.0.0.1', () => resolve())
      }),
    stop: () =>
      new Promise((resolve) => {
        if (server === undefined) return resolve()
        server.close(() => resolve())
        server.closeAllConnections()
        server = undefined
      }),
  }
}

function upstreamProcess(port: number, reached: string[]): ChaosSite['upstream'] {
  let child: ChildProcess | undefined
  return {
    async start() {
      const started = spawn(process.execPath, [join(children, 'upstream.ts'), String(port)], {
        stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      })
      child = started
      let rest = ''
      await new Promise<void>((resolve, reject) => {
        started.once('error', reject)
        started.stdout?.on('data', (chunk: Buffer) => {
          const lines = (rest + chunk.toString()).split('\n')
          rest = lines.pop() ?? ''
          for (const line of lines)
            if (line === 'ready') resolve()
            else reached.push(line)
        })
      })
    },
    kill: () => gone(child),
    signal: (signal) => void child?.kill(signal),
    mode: (mode) => void child?.send(mode),
  }
}

/** Resolves when all that it said has been read, too. */
function gone(child: ChildProcess | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('close', () => resolve())
    child.kill('SIGKILL')
  })
}

function supervised(
  folder: string,
  environment: Readonly<Record<string, string>>,
): ChaosSite['gateway'] & { ready(): Promise<void>; end(): Promise<void> } {
  const said = join(folder, 'gateway.log')
  let child: ChildProcess | undefined
  let ending = false
  let deaths = 0
  const start = (): void => {
    const output = openSync(said, 'a')
    child = spawn(
      process.execPath,
      [
        '--import',
        join(children, 'moved-clock.ts'),
        '--import',
        join(children, 'break-workers.ts'),
        join(root, 'bin', 'sallyport.js'),
        'serve',
        '--no-watch',
      ],
      { cwd: folder, stdio: ['ignore', output, output], env: { ...process.env, ...environment } },
    )
    closeSync(output)
    child.once('exit', () => {
      deaths++
      // A store that is away at start ends it again.
      if (!ending) setTimeout(start, 100)
    })
  }
  start()
  return {
    async ready() {
      for (let tries = 0; tries < 1200; tries++) {
        if (readFileSync(said, 'utf8').includes('sallyport: ready')) return
        if (deaths > 0) break
        await wait(50)
      }
      ending = true
      throw new Error(`the gateway did not start: ${readFileSync(said, 'utf8').slice(-2000)}`)
    },
    kill: () => void child?.kill('SIGKILL'),
    signal: (signal) => void child?.kill(signal),
    deaths: () => deaths,
    async end() {
      ending = true
      child?.kill('SIGCONT')
      const late = setTimeout(() => child?.kill('SIGKILL'), 8000)
      if (child !== undefined && child.exitCode === null && child.signalCode === null)
        await new Promise<void>((resolve) => {
          child?.once('exit', () => resolve())
          child?.kill('SIGTERM')
        })
      clearTimeout(late)
    },
  }
}
