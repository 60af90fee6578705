import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'

/** A server that a test started: its own, on its own port, and gone with the test. */
export interface OwnedProcess {
  readonly child: ChildProcess
  /** What it said so far, at most the last 64 KiB. */
  output(): string
  /** Ends it and waits until it is gone. `SIGKILL`: as a machine that fails. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

const setpriv = '/usr/bin/setpriv'
const running = new Set<ChildProcess>()

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/**
 * Starts a program; where the kernel can, it is killed with this process, however that ends. `user`: root starts it as
 * this one.
 */
export function spawnOwned(program: string, args: readonly string[], user?: string): OwnedProcess {
  const wrapped = existsSync(setpriv)
  const drop =
    user !== undefined && process.getuid?.() === 0
      ? [`--reuid=${user}`, `--regid=${user}`, '--clear-groups']
      : []
  const child = wrapped
    ? spawn(setpriv, ['--pdeathsig=KILL', ...drop, program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    : spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  let said = ''
  const listen = (chunk: Buffer): void => {
    said = (said + chunk.toString('utf8')).slice(-65_536)
  }
  child.stdout?.on('data', listen)
  child.stderr?.on('data', listen)
  const gone = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      said += error.message
      running.delete(child)
      resolve()
    })
    child.once('close', () => {
      running.delete(child)
      resolve()
    })
  })
  return {
    child,
    output: () => said,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      // What does not end when it is asked to is ended.
      const late = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await gone
      clearTimeout(late)
    },
  }
}

/** A port that was free a moment ago, for programs that cannot choose one themselves. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}
