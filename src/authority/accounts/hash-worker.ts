import { argon2Sync } from 'node:crypto'
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import type { HashJob } from './hash-workers.ts'

/** A few steps below what answers calls: it yields where cores are short, and is not starved. */
const niceness = 5

// On Linux this is of the calling thread; elsewhere it would be of the whole process.
if (process.platform === 'linux') setPriority(0, niceness)

parentPort?.on('message', ({ message, nonce, parallelism, memory, passes, tagLength }: HashJob) => {
  try {
    const value = argon2Sync('argon2id', { message, nonce, parallelism, memory, passes, tagLength })
    parentPort?.postMessage(new Uint8Array(value))
  } catch {
    parentPort?.postMessage(undefined)
  }
})
