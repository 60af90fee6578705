import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Fault } from '../../../kernel/fault.ts'
import type { TreatedText, TreatOptions } from './treat-text.ts'

export interface ScanJob {
  readonly n: number
  readonly texts: readonly string[]
  readonly options: TreatOptions
}

export interface ScanResult {
  readonly n: number
  readonly treated: readonly (TreatedText | undefined)[]
}

/** Reads the texts of large replies beside the event loop. */
export interface ScanThread {
  /** Rejects with a `Fault`: `LIMIT_OVERLOAD` where too many wait, `GATEWAY_FAULT` where the thread died or is late. */
  treat(texts: readonly string[], options: TreatOptions): Promise<readonly (TreatedText | undefined)[]>
  close(): Promise<void>
}

export interface ScanThreadOptions {
  /** The worker's module; for tests. */
  readonly module?: URL
  /** Jobs that may wait. */
  readonly most?: number
  /** For one job, waiting included. */
  readonly deadlineMs?: number
}

interface Waiting {
  readonly resolve: (treated: ScanResult['treated']) => void
  readonly reject: (fault: Fault) => void
  readonly timer: NodeJS.Timeout
}

/** The thread starts with the first job, and again after it died. */
export function createScanThread(options: ScanThreadOptions = {}): ScanThread {
  const module = options.module ?? new URL(`./scan-worker${extname(import.meta.url)}`, import.meta.url)
  const { most = 32, deadlineMs = 5_000 } = options
  const waiting = new Map<number, Waiting>()
  let worker: Worker | undefined
  let asked = 0

  function settle(n: number): Waiting | undefined {
    const one = waiting.get(n)
    waiting.delete(n)
    clearTimeout(one?.timer)
    if (waiting.size === 0) worker?.unref()
    return one
  }

  function fail(dead: Worker, reason: string, cause?: unknown): void {
    if (worker !== dead) return
    worker = undefined
    void dead.terminate()
    for (const n of [...waiting.keys()])
      settle(n)?.reject(new Fault('GATEWAY_FAULT', 'screen.context', reason, cause))
  }

  function start(): Worker {
    const started = new Worker(module, { name: 'sallyport-context' })
    started.on('message', ({ n, treated }: ScanResult) => settle(n)?.resolve(treated))
    started.on('error', (error) => fail(started, 'the scanning thread failed', error))
    started.on('exit', () => fail(started, 'the scanning thread ended'))
    return started
  }

  return {
    treat(texts, treatment) {
      if (waiting.size >= most)
        return Promise.reject(new Fault('LIMIT_OVERLOAD', 'screen.context', 'too many large replies at once'))
      worker ??= start()
      const running = worker
      running.ref()
      const n = ++asked
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => fail(running, 'the scanning thread is late'), deadlineMs)
        waiting.set(n, { resolve, reject, timer })
        running.postMessage({ n, texts, options: treatment } satisfies ScanJob)
      })
    },
    async close() {
      const running = worker
      if (running === undefined) return
      fail(running, 'closing')
      await running.terminate()
    },
  }
}
