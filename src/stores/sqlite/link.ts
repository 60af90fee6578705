import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { EventLogOptions } from './event-log.ts'
import type { Ask, Found, Response } from './messages.ts'

/** The main thread's side of the worker. */
export interface Link {
  /** Resolves when the database is open, rejects when it cannot be. */
  opened(): Promise<void>
  /** Rejects when the worker says so or dies; the next question starts another one. */
  ask(question: Ask): Promise<Found>
  /** Sends without waiting; throws where no worker runs. */
  tell(question: Ask): void
  close(): Promise<void>
}

interface Waiting {
  resolve(found: Found): void
  reject(error: Error): void
}

/** Milliseconds before a worker that died is started again. */
const restartMs = 1_000

export function createLink(workerData: EventLogOptions): Link {
  let asked = 0
  let closed = false
  let diedAt = -restartMs
  let running = start()

  function start(): Running {
    const worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), {
      workerData,
      name: 'sallyport-events',
    })
    const waiting = new Map<number, Waiting>()
    const made: Running = { worker, waiting, opened: Promise.resolve(), isOpen: false, dead: undefined }
    made.opened = new Promise<void>((resolve, reject) => {
      waiting.set(0, {
        resolve() {
          made.isOpen = true
          resolve()
        },
        reject,
      })
    })
    // Whoever asks sees it; alone it must not end the process.
    made.opened.catch(() => undefined)
    worker.on('message', (response: Response) => {
      const answered = waiting.get(response.n)
      waiting.delete(response.n)
      if (waiting.size === 0) worker.unref()
      if (response.error === undefined) answered?.resolve(response.found ?? [])
      else answered?.reject(new Error(response.error))
    })
    const die = (error: Error): void => {
      made.dead ??= error
      diedAt = performance.now()
      for (const one of waiting.values()) one.reject(made.dead)
      waiting.clear()
    }
    worker.on('error', (error) => die(error instanceof Error ? error : new Error('the worker failed')))
    worker.on('exit', () => die(new Error('the event store has stopped')))
    return made
  }

  function alive(): Running {
    if (running.dead !== undefined && !closed && performance.now() - diedAt >= restartMs) running = start()
    return running
  }

  return {
    opened: () => running.opened,
    async ask(question) {
      const current = alive()
      // Sent at once where the database is open: what is asked first must come first.
      if (!current.isOpen) await current.opened
      if (current.dead !== undefined) throw current.dead
      return new Promise((resolve, reject) => {
        const n = ++asked
        current.waiting.set(n, { resolve, reject })
        current.worker.ref()
        current.worker.postMessage({ ...question, n })
      })
    },
    tell(question) {
      if (running.dead !== undefined) throw running.dead
      running.worker.postMessage({ ...question, n: ++asked })
    },
    async close() {
      closed = true
      if (running.dead !== undefined) return
      const exited = new Promise<void>((resolve) => running.worker.once('exit', () => resolve()))
      await this.ask({ do: 'close' }).catch(() => running.worker.terminate())
      running.worker.ref()
      await exited
    },
  }
}

interface Running {
  readonly worker: Worker
  readonly waiting: Map<number, Waiting>
  opened: Promise<void>
  isOpen: boolean
  dead: Error | undefined
}
