import type { AuditEvent } from '../../kernel/event.ts'
import type { Log } from './log.ts'
import type { EventBatch, EventSink } from './sink.ts'

/** Why events did not reach a sink. */
export type LossReason =
  | 'queue-full'
  | 'sink-full'
  | 'sink-failed'
  | 'sink-rejected'
  | 'closed'
  | 'unbuildable'

export interface LaneOptions {
  readonly sink: EventSink
  /** Events that may wait for this sink; what comes on top is lost and counted. */
  readonly limit: number
  /** Events handed over in one write. */
  readonly batchSize: number
  readonly retry: Retry
  readonly log: Log | undefined
  lost(reason: LossReason, events: number): void
  failed(sink: string): void
  /** The sink works, or does not: called on each change. */
  working(sink: string, works: boolean): void
}

/** No server can ask for a longer wait than this. */
const mostAskedMs = 60_000

export interface Retry {
  /** Writes of one batch before it is given up. */
  readonly attempts: number
  /** Wait after the first failure; doubles up to `longestMs`. */
  readonly firstMs: number
  readonly longestMs: number
  /** A write that takes longer counts as failed; it is waited for again, so that nothing is written twice. */
  readonly timeoutMs: number
}

/** The way to one sink. */
export interface Lane {
  readonly waiting: number
  offer(batch: EventBatch): void
  /** Resolves when all that was offered is written or given up. */
  idle(): Promise<void>
  /** Writes what waits, then `rest`, without returning to the event loop, where the sink can. */
  drainSync(rest: readonly EventBatch[]): void
  /** No more retries; what waits gets one last write until `deadlineMs`. */
  close(deadlineMs: number): Promise<void>
}

export function createLane(options: LaneOptions): Lane {
  const { sink, retry } = options
  let events: AuditEvent[] = []
  let lines: string[] = []
  let inFlight = 0
  let running: Promise<void> | undefined
  /** The batch whose next try is being waited for. */
  let retrying: EventBatch | undefined
  let closing = false
  let works = true
  const stop = new AbortController()

  function take(): EventBatch {
    if (events.length <= options.batchSize) {
      const batch = { events, lines }
      events = []
      lines = []
      return batch
    }
    return { events: events.splice(0, options.batchSize), lines: lines.splice(0, options.batchSize) }
  }

  function turned(now: boolean, error?: unknown): void {
    if (works === now) return
    works = now
    options.working(sink.name, now)
    if (now) options.log?.warn({ sink: sink.name }, 'audit sink works again')
    else options.log?.error({ sink: sink.name, error: textOf(error) }, 'audit sink failed')
  }

  async function writeOne(batch: EventBatch): Promise<void> {
    /** A write that has not answered: it may still be done, so it is waited for instead of being done a second time. */
    let open: Promise<void> | undefined
    for (let attempt = 1; ; attempt++) {
      let away = false
      let asked = 0
      try {
        open ??= sink.write(batch) ?? undefined
        if (open !== undefined) await within(open, retry.timeoutMs)
        turned(true)
        return
      } catch (error) {
        if (!(error instanceof NoAnswer)) open = undefined
        options.failed(sink.name)
        turned(false, error)
        if (sink.isRefused?.(error) === true) break
        away = sink.isAway?.(error) === true
        asked = Math.min(sink.waitMs?.(error) ?? 0, mostAskedMs)
      }
      if ((attempt >= retry.attempts && !away) || closing) break
      retrying = batch
      const backOff = Math.min(retry.firstMs * 2 ** (attempt - 1), retry.longestMs)
      await pause(Math.max(backOff, asked), stop.signal)
      retrying = undefined
    }
    options.lost('sink-failed', batch.events.length)
  }

  async function run(): Promise<void> {
    while (events.length > 0) {
      const batch = take()
      inFlight = batch.events.length
      await writeOne(batch)
      inFlight = 0
    }
    running = undefined
  }

  return {
    get waiting(): number {
      return events.length + inFlight
    },
    offer(batch) {
      const room = closing ? 0 : Math.max(0, options.limit - events.length - inFlight)
      const count = Math.min(room, batch.events.length)
      if (count < batch.events.length)
        options.lost(closing ? 'closed' : 'sink-full', batch.events.length - count)
      if (count === 0) return
      for (let i = 0; i < count; i++) {
        events.push(batch.events[i] as AuditEvent)
        lines.push(batch.lines[i] as string)
      }
      running ??= run()
    },
    async idle() {
      while (running !== undefined) await running
    },
    drainSync(rest) {
      const last: EventBatch[] = retrying === undefined ? [] : [retrying]
      if (events.length > 0) last.push({ events, lines })
      events = []
      lines = []
      for (const batch of [...last, ...rest]) {
        try {
          if (sink.writeSync === undefined) options.lost('closed', batch.events.length)
          else sink.writeSync(batch)
        } catch {
          options.lost('sink-failed', batch.events.length)
        }
      }
    },
    async close(deadlineMs) {
      closing = true
      stop.abort()
      if (running !== undefined) await within(running, deadlineMs).catch(() => undefined)
      if (events.length > 0) options.lost('closed', events.length)
      events = []
      lines = []
      await within(sink.close(), deadlineMs).catch(() => undefined)
    },
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : 'a non-error was thrown'
}

class NoAnswer extends Error {}

/** Rejects with `NoAnswer` when `work` takes longer than `ms`. */
async function within(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new NoAnswer(`no answer within ${ms} ms`)), ms)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Waits, or until the signal; keeps no process alive. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    timer.unref()
    signal.addEventListener('abort', done)
  })
}
