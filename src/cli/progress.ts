import type { Terminal } from './terminal.ts'

/** Runs the work; where it takes over a second, a line on the terminal says so until it is done. */
export async function withProgress<T>(terminal: Terminal, label: string, work: () => Promise<T>): Promise<T> {
  if (!terminal.interactive) return work()
  let shown = false
  const started = performance.now()
  const timer = setInterval(() => {
    shown = true
    terminal.err(`\r${label} … ${Math.round((performance.now() - started) / 1000)} s`)
  }, 1000)
  try {
    return await work()
  } finally {
    clearInterval(timer)
    if (shown) terminal.err('\r\u001b[2K')
  }
}
