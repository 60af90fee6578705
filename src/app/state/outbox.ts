/** Rows on their way into a database: in batches, in their order, off the way of calls. */
export interface Outbox<T> {
  add(row: T): void
  /** Resolves when all that was added is kept; rejects where the database does not take it now. What waits is tried again. */
  flush(): Promise<void>
  /** True while anything waits or is being written. */
  readonly busy: boolean
  /** One last try. */
  close(): Promise<void>
}

export interface OutboxOptions<T> {
  write(rows: readonly T[]): Promise<void>
  onFault(error: unknown): void
  /** Rows that may wait; the oldest go. */
  readonly most?: number
  /** The longest a row waits before it is written. */
  readonly flushMs?: number
  /** Until the next try after one that failed. */
  readonly retryMs?: number
}

const mostInOne = 500

export function createOutbox<T>(options: OutboxOptions<T>): Outbox<T> {
  const { write, onFault, most = 10_000, flushMs = 200, retryMs = 2_000 } = options
  let waiting: T[] = []
  let writing: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, mostInOne)
      waiting = waiting.slice(mostInOne)
      try {
        await write(batch)
      } catch (error) {
        waiting = [...batch, ...waiting].slice(-most)
        throw error
      }
    }
  }

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    writing ??= writeAll().finally(() => {
      writing = undefined
    })
    return writing
  }

  function soon(ms: number): void {
    if (timer !== undefined || closed) return
    timer = setTimeout(() => {
      timer = undefined
      flush().catch((error: unknown) => {
        onFault(error)
        soon(retryMs)
      })
    }, ms).unref()
  }

  return {
    add(row) {
      waiting.push(row)
      if (waiting.length > most) waiting.shift()
      soon(flushMs)
    },
    async flush() {
      try {
        await flush()
      } catch (error) {
        soon(retryMs)
        throw error
      }
    },
    get busy() {
      return writing !== undefined || waiting.length > 0
    },
    async close() {
      closed = true
      await flush().catch(onFault)
    },
  }
}
