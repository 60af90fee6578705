import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'

const program = join(import.meta.dirname, '..', '..', '..', 'bin', 'sallyport.js')

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs the real binary to its end. */
export function run(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...env },
    timeout: 20_000,
  })
  return { code: status, out: stdout, err: stderr }
}

export interface Running {
  readonly child: ChildProcess
  /** Resolves with the match once standard error says it. */
  said(pattern: RegExp): Promise<RegExpExecArray>
  /** Everything on standard output so far. */
  out(): string
  /** Everything on standard error so far. */
  err(): string
  /** Exit code, or the signal. */
  readonly ended: Promise<number | string>
}

/** Starts the real binary and listens to it. */
export function start(folder: string, args: readonly string[]): Running {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] },
  })
  let err = ''
  let out = ''
  let from = 0
  const waiting = new Set<() => void>()
  child.stdout.on('data', (chunk) => {
    out += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    err += String(chunk)
    for (const look of waiting) look()
  })
  const ended = new Promise<number | string>((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'))
  })
  return {
    child,
    ended,
    out: () => out,
    err: () => err,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look)
          reject(new Error(`it never said ${String(pattern)}, only: ${err}`))
        }, 60_000)
        const look = (): void => {
          const match = pattern.exec(err.slice(from))
          if (match === null) return
          from += match.index + match[0].length
          clearTimeout(timer)
          waiting.delete(look)
          resolve(match)
        }
        waiting.add(look)
        look()
      }),
  }
}
