import { spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort, type OwnedProcess, spawnOwned } from './owned-process.ts'

const versions = '/usr/lib/postgresql'
const user = 'postgres'
const password = 'p@ss:word/1'

/** Folder of the newest PostgreSQL of this machine. */
function programs(): string | undefined {
  if (!existsSync(versions)) return undefined
  const newest = readdirSync(versions)
    .filter((name) => /^\d+$/.test(name) && existsSync(join(versions, name, 'bin/initdb')))
    .sort((a, b) => Number(b) - Number(a))[0]
  return newest === undefined ? undefined : join(versions, newest, 'bin')
}

/** Options of a suite that needs PostgreSQL: absent, it is skipped and says so; under CI=true it fails. */
export function needsPostgres(): { readonly skip: string | false } {
  return {
    skip:
      programs() === undefined &&
      process.env['CI'] !== 'true' &&
      'no PostgreSQL on this machine: nothing of it was tested (apt-get install postgresql)',
  }
}

/** A PostgreSQL of one's own: own port, own folder, gone with the test. */
export interface PostgresServer {
  readonly port: number
  /** Address of its database. The password holds what an address must encode. */
  url(): string
  /** Ends it as a machine fails; `start` brings the same data back. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Holds all its processes still, as a network that loses every packet; `resume` ends that. */
  pause(): void
  resume(): void
  close(): Promise<void>
}

export interface PostgresOptions {
  /** PEM files: then it takes TLS too. */
  readonly tls?: { readonly certificate: string; readonly key: string }
}

export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const bin = programs()
  if (bin === undefined) throw new Error('PostgreSQL is not installed: apt-get install postgresql')
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-postgres-'))
  const asRoot = process.getuid?.() === 0
  const port = await freePort()
  const secret = join(folder, 'password')
  writeFileSync(secret, password, { mode: 0o600 })
  if (asRoot) {
    // PostgreSQL refuses to run as root.
    const { uid, gid } = ownerOf()
    chownSync(folder, uid, gid)
    chownSync(secret, uid, gid)
  }
  const data = join(folder, 'data')
  // The smallest: nothing is to survive a power cut, and the text order is the same on every machine.
  const made = spawnOwned(
    join(bin, 'initdb'),
    [
      '-D',
      data,
      '-U',
      user,
      '-A',
      'scram-sha-256',
      `--pwfile=${secret}`,
      '--no-sync',
      '-E',
      'UTF8',
      '--locale=C',
    ],
    user,
  )
  await new Promise<void>((resolve, reject) => {
    made.child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`initdb: ${made.output().trim()}`)),
    )
  })
  const settings = ['fsync=off', 'full_page_writes=off', 'shared_buffers=16MB', 'max_connections=60']
  if (options.tls !== undefined) {
    for (const [name, source] of [
      ['server.crt', options.tls.certificate],
      ['server.key', options.tls.key],
    ] as const) {
      const file = join(folder, name)
      writeFileSync(file, source, { mode: 0o600 })
      if (asRoot) chownSync(file, ownerOf().uid, ownerOf().gid)
    }
    settings.push('ssl=on', `ssl_cert_file=${folder}/server.crt`, `ssl_key_file=${folder}/server.key`)
  }
  let process_: OwnedProcess | undefined

  async function start(): Promise<void> {
    const args = ['-D', data, '-p', String(port), '-k', folder, '-h', '127.0.0.1']
    const started = spawnOwned(
      join(bin as string, 'postgres'),
      [...args, ...settings.flatMap((s) => ['-c', s])],
      user,
    )
    process_ = started
    const deadline = Date.now() + 20_000
    while (!started.output().includes('ready to accept connections')) {
      if (started.child.exitCode !== null || Date.now() > deadline)
        throw new Error(`postgres did not start: ${started.output().trim()}`)
      await wait(20)
    }
  }

  const groupOf = (): readonly number[] => {
    const main = process_?.child.pid
    if (main === undefined) return []
    const children = spawnSync('ps', ['-o', 'pid=', '--ppid', String(main)], { encoding: 'utf8' })
    return [
      main,
      ...children.stdout
        .split('\n')
        .map(Number)
        .filter((pid) => pid > 0),
    ]
  }
  const signalAll = (signal: NodeJS.Signals): void => {
    for (const pid of groupOf())
      try {
        process.kill(pid, signal)
      } catch {
        // It has ended meanwhile.
      }
  }

  await start()
  return {
    port,
    url: () => `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`,
    async kill() {
      // The others end with it, but not at once: the next start would find their lock.
      const all = groupOf()
      await process_?.stop('SIGKILL')
      for (const pid of all)
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // Gone already.
        }
      rmSync(join(data, 'postmaster.pid'), { force: true })
    },
    start,
    pause: () => signalAll('SIGSTOP'),
    resume: () => signalAll('SIGCONT'),
    async close() {
      signalAll('SIGCONT')
      // Fast shutdown: those who are connected are sent away.
      await process_?.stop('SIGINT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function ownerOf(): { readonly uid: number; readonly gid: number } {
  const { uid, gid } = statSync('/var/lib/postgresql')
  return { uid, gid }
}
