import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { NewsItem, NewsPort } from './messages.ts'

/** What a worker must know before its next decision: revocations, and who is blocked. */
export interface News {
  /** Applies what has come since the last time; a comparison where there is nothing. */
  catchUp(): void
}

/**
 * The worker's end. News lie in the port before their count goes up, so whoever sees the count finds them, without waiting for
 * the event loop: what the main thread has told counts for every decision that begins after.
 */
export function createNews({ port, count }: NewsPort, apply: (item: NewsItem) => void): News {
  const word = new Int32Array(count)
  let seen = 0
  return {
    catchUp() {
      const now = Atomics.load(word, 0)
      if (now === seen) return
      seen = now
      for (let found = receiveMessageOnPort(port); found !== undefined; found = receiveMessageOnPort(port))
        apply(found.message as NewsItem)
    },
  }
}

/** The main thread's end. */
export function tellNews(port: MessagePort, count: SharedArrayBuffer, item: NewsItem): void {
  port.postMessage(item)
  Atomics.add(new Int32Array(count), 0, 1)
}
