import { writeSync } from 'node:fs'

/** Where a command writes. Colour only where a person looks at it. */
export interface Terminal {
  out(text: string): void
  err(text: string): void
  readonly colourOut: boolean
  readonly colourErr: boolean
  /** True where stderr is a terminal: a progress line makes sense. */
  readonly interactive: boolean
}

export function createTerminal(env: Readonly<Record<string, string | undefined>> = process.env): Terminal {
  const colour = (stream: NodeJS.WriteStream): boolean =>
    stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
  return {
    out: (text) => write(1, text),
    err: (text) => write(2, text),
    colourOut: colour(process.stdout),
    colourErr: colour(process.stderr),
    interactive: process.stderr.isTTY === true && env['TERM'] !== 'dumb',
  }
}

/** Whole, also into a pipe that is full: the process may end right after. */
function write(descriptor: number, text: string): void {
  let rest = Buffer.from(text)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest))
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      if (code === 'EAGAIN') Atomics.wait(pause, 0, 0, 5)
      else if (code === 'EPIPE') return
      else throw error
    }
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4))
