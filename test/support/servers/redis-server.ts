import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort, type OwnedProcess, spawnOwned } from './owned-process.ts'

const run = promisify(execFile)
const places = ['/usr/bin', '/usr/local/bin']
const find = (names: readonly string[]): string | undefined =>
  names.flatMap((name) => places.map((place) => join(place, name))).find(existsSync)
const program = find(['redis-server', 'valkey-server'])
const cli = find(['redis-cli', 'valkey-cli'])

/** Options of a suite that needs Redis or Valkey: absent, it is skipped and says so; under CI=true it fails. */
export function needsRedis(): { readonly skip: string | false } {
  return {
    skip:
      (program === undefined || cli === undefined) &&
      process.env['CI'] !== 'true' &&
      'no Redis on this machine: nothing of it was tested (apt-get install redis-server)',
  }
}

/** A Redis of one's own: own port, own folder, nothing on disk, gone with the test. */
export interface RedisServer {
  readonly port: number
  readonly url: string
  /** One command, as the tool prints its answer. */
  command(...words: readonly string[]): Promise<string>
  kill(): Promise<void>
  /** Starts it again on the same port, empty. */
  start(): Promise<void>
  /** Holds it still, as a network that loses every packet; `resume` ends that. */
  pause(): void
  resume(): void
  close(): Promise<void>
}

export interface RedisOptions {
  readonly password?: string
  /** Further settings: name, value. */
  readonly settings?: readonly (readonly [string, string])[]
  /** PEM files: then it takes TLS alone. */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly authority: string }
  /** Runs as a sentinel. */
  readonly sentinel?: true
  readonly port?: number
}

export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  if (program === undefined || cli === undefined)
    throw new Error('Redis is not installed: apt-get install redis-server')
  const client = cli
  const server = program
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-redis-'))
  const port = options.port ?? (await freePort())
  const { password } = options
  let running: OwnedProcess | undefined

  const command = async (...words: readonly string[]): Promise<string> => {
    const secure = options.tls === undefined ? [] : ['--tls', '--cacert', join(folder, 'ca.pem')]
    const { stdout } = await run(client, ['-h', '127.0.0.1', '-p', String(port), ...secure, ...words], {
      env: { ...process.env, ...(password !== undefined && { REDISCLI_AUTH: password }) },
    })
    return stdout.trim()
  }
  function tlsSettings(): (readonly [string, string])[] {
    const { tls } = options
    if (tls === undefined) return [['port', String(port)]]
    const files = { 'ca.pem': tls.authority, 'server.crt': tls.certificate, 'server.key': tls.key }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 })
    return [
      ['port', '0'],
      ['tls-port', String(port)],
      ['tls-cert-file', join(folder, 'server.crt')],
      ['tls-key-file', join(folder, 'server.key')],
      ['tls-ca-cert-file', join(folder, 'ca.pem')],
      ['tls-auth-clients', 'no'],
    ]
  }
  async function start(): Promise<void> {
    const settings: (readonly [string, string])[] = [
      ...tlsSettings(),
      ['bind', '127.0.0.1'],
      ['dir', folder],
      ...(options.sentinel === true
        ? []
        : ([
            ['save', ''],
            ['appendonly', 'no'],
          ] as const)),
      ...(password === undefined ? [] : ([['requirepass', password]] as const)),
      ...(options.settings ?? []),
    ]
    const args = settings.flatMap(([name, value]) => [`--${name}`, value])
    const file = join(folder, 'sentinel.conf')
    if (options.sentinel === true) {
      writeFileSync(file, settings.map(([name, value]) => `${name} ${value}`).join('\n'))
      running = spawnOwned(server, [file, '--sentinel'])
    } else running = spawnOwned(server, args)
    const deadline = Date.now() + 10_000
    for (;;) {
      const answer = await command('ping').catch(() => '')
      if (answer === 'PONG') return
      if (running.child.exitCode !== null || Date.now() > deadline)
        throw new Error(`redis did not start: ${running.output().trim()}`)
      await wait(20)
    }
  }
  await start()
  return {
    port,
    url: `${options.tls === undefined ? 'redis' : 'rediss'}://${password === undefined ? '' : `:${encodeURIComponent(password)}@`}127.0.0.1:${port}`,
    command,
    kill: async () => running?.stop('SIGKILL'),
    start,
    pause: () => void running?.child.kill('SIGSTOP'),
    resume: () => void running?.child.kill('SIGCONT'),
    async close() {
      running?.child.kill('SIGCONT')
      await running?.stop('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
