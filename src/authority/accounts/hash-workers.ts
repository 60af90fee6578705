import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'

/** What argon2id takes. */
export interface HashJob {
  readonly message: string
  readonly nonce: Uint8Array
  readonly parallelism: number
  /** KiB. */
  readonly memory: number
  readonly passes: number
  readonly tagLength: number
}

/** Threads of their own for password hashes, below the priority of the one that answers calls. */
export interface HashWorkers {
  /** Rejects where the hash could not be made. At most as many at once as there are threads is the caller's to see to. */
  run(job: HashJob): Promise<Buffer>
  /** Ends the threads; jobs under way reject. */
  close(): Promise<void>
}

/**
 * Threads start when they are first needed and hold no process up while they wait. Not on libuv's pool: there a hash would
 * have the same priority as the loop, and stand before files and names.
 */
export function createHashWorkers(): HashWorkers {
  const idle: Worker[] = []
  const all = new Set<Worker>()

  function start(): Worker {
    const worker = new Worker(new URL(`./hash-worker${extname(import.meta.url)}`, import.meta.url), {
      name: 'password hashes',
    })
    all.add(worker)
    worker.once('exit', () => {
      all.delete(worker)
      const at = idle.indexOf(worker)
      if (at >= 0) idle.splice(at, 1)
    })
    // Told to whoever waits; without anybody there is nothing to tell.
    worker.on('error', () => undefined)
    return worker
  }

  return {
    run(job) {
      const worker = idle.pop() ?? start()
      worker.ref()
      return new Promise((resolve, reject) => {
        const settle = (value: Uint8Array | undefined): void => {
          worker.off('exit', gone)
          worker.unref()
          idle.push(worker)
          if (value === undefined) reject(new Error('a password hash could not be made'))
          else resolve(Buffer.from(value.buffer, value.byteOffset, value.byteLength))
        }
        const gone = (): void => {
          worker.off('message', settle)
          reject(new Error('the thread of a password hash has ended'))
        }
        worker.once('message', settle)
        worker.once('exit', gone)
        worker.postMessage(job)
      })
    },
    async close() {
      await Promise.all([...all].map((worker) => worker.terminate()))
    },
  }
}
