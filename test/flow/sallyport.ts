import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { commands } from '../../src/cli/commands.ts'

const program = join(import.meta.dirname, '..', '..', 'bin', 'sallyport.js')

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs the real command in a folder, while gateways of this process go on. */
export function sallyport(folder: string, ...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [program, ...args],
      {
        cwd: folder,
        env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] },
        timeout: 20_000,
      },
      (error, out, err) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
        resolve({ code, out, err })
      },
    )
  })
}

/** The same command inside this process, on the folder's configuration: quicker where a process of its own adds nothing. */
export async function command(folder: string, name: string, ...args: readonly string[]): Promise<Ran> {
  const found = commands.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no command ${name}`)
  let out = ''
  let err = ''
  const { values, positionals } = parseArgs({
    args: ['--config', join(folder, 'sallyport.yaml'), ...args],
    options: found.options,
    allowPositionals: true,
  })
  const terminal = {
    out: (text: string): void => {
      out += text
    },
    err: (text: string): void => {
      err += text
    },
    colourOut: false,
    colourErr: false,
    interactive: false,
  }
  try {
    return { code: await found.run({ values, positionals, terminal }), out, err }
  } catch (error) {
    return { code: 2, out, err: err + (error instanceof Error ? error.message : String(error)) }
  }
}

/** The JSON that a command prints; fails where the command does. */
export async function commandJson<T = Record<string, unknown>>(
  folder: string,
  name: string,
  ...args: readonly string[]
): Promise<T> {
  const { code, out, err } = await command(folder, name, ...args, '--json')
  if (code !== 0) throw new Error(`exit code ${code}: ${err}`)
  return JSON.parse(out) as T
}
