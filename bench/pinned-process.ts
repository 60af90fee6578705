import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { availableParallelism } from 'node:os'

/** The server under test has core 0 to itself; load generator and backend share the last core. */
export const serverCore = 0
export const loadCore: number = availableParallelism() - 1

export interface Pinned {
  readonly pid: number
  /** CPU time of the process and its children so far, microseconds. */
  cpu(): number
  /** Resident memory of the process and its children now, bytes. */
  resident(): number
  stop(): Promise<void>
}

/** Ticks per second of `/proc/<pid>/stat`; Linux has shown 100 to programs since 2.6. */
const ticksPerSecond = 100

/** `command` bound to one core where the machine has `taskset`; undefined: to none. */
export function pin(core: number | undefined, command: readonly string[]): readonly string[] {
  return core !== undefined && existsSync('/usr/bin/taskset')
    ? ['/usr/bin/taskset', '-c', String(core), ...command]
    : command
}

/** Starts a server on a core and waits until it takes connections on `port`. Its output goes to `log`. */
export async function startPinned(
  core: number | undefined,
  command: readonly string[],
  port: number,
  log: string,
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Pinned> {
  const [file = '', ...args] = pin(core, command)
  const output = openSync(log, 'a')
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'ignore', output] })
  await waitForPort(child, port, log)
  const pid = child.pid ?? 0
  return {
    pid,
    cpu: () => family(pid).reduce((sum, id) => sum + cpuTicks(id), 0) * (1e6 / ticksPerSecond),
    resident: () => family(pid).reduce((sum, id) => sum + residentBytes(id), 0),
    stop: () => stop(child),
  }
}

async function waitForPort(child: ChildProcess, port: number, log: string): Promise<void> {
  let failure: string | undefined
  child.once('error', (error) => {
    failure = error.message
  })
  child.once('exit', (code) => {
    failure = `ended with ${code}`
  })
  for (let tries = 0; tries < 600; tries += 1) {
    if (failure !== undefined) throw new Error(`${failure}: ${readFileSync(log, 'utf8').slice(-2000)}`)
    if (await takes(port)) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await stop(child)
  throw new Error(`does not listen after 30 s: ${readFileSync(log, 'utf8').slice(-2000)}`)
}

function takes(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const hard = setTimeout(() => child.kill('SIGKILL'), 5000)
  await ended
  clearTimeout(hard)
}

/** A process and all below it. */
function family(pid: number): readonly number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  )
  return [pid, ...children.flatMap(family)]
}

/** utime + stime of all threads (fields 14 and 15; the name before them may hold spaces). */
function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

function residentBytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(line?.[1] ?? 0) * 1024
}
