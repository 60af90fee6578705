import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface GatewayProcess {
  /** Ends it; resolves when it has ended. */
  stop(): Promise<void>
  /** Resolves with the exit code when it ends by itself. */
  readonly ended: Promise<number>
}

/**
 * Runs `sallyport serve` as its own process, as a user would, and waits until it is ready. `onLine` gets each line
 * of its standard output: the audit events.
 */
export async function startGateway(
  config: string,
  ready: string,
  onLine: (line: string) => void,
): Promise<GatewayProcess> {
  const program = join(import.meta.dirname, '..', '..', 'bin', 'sallyport.js')
  const child = spawn(process.execPath, [program, 'serve', '--config', config], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  createInterface({ input: child.stdout }).on('line', onLine)
  const ended = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
  for (let tries = 0; tries < 150; tries += 1) {
    if (child.exitCode !== null) throw new Error(`the gateway ended with ${child.exitCode}`)
    if (await isReady(ready)) return { stop: () => stop(child, ended), ended }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  await stop(child, ended)
  throw new Error('the gateway was not ready within 15 s')
}

async function isReady(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(1000) }).then(
    (response) => response.ok,
    () => false,
  )
}

async function stop(child: ChildProcess, ended: Promise<number>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
  const hard = setTimeout(() => child.kill('SIGKILL'), 5000)
  await ended
  clearTimeout(hard)
}
