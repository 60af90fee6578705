import type { Rejected } from '../../kernel/door.ts'
import type { AuditEvent } from '../../kernel/event.ts'
import type { Matched, Progress, Reply } from '../../kernel/facts.ts'
import { problemOf } from '../../kernel/problem.ts'
import type { Denial } from '../../kernel/verdict.ts'
import { auditEventOf } from './audit-event.ts'
import type { Chain } from './chain/chain.ts'
import { type Entry, entryOf, entryOfRejected, type Sizes } from './entry.ts'
import { framesOf } from './frames.ts'
import type { Inventory } from './inventory/create-inventory.ts'
import { createLane, type Lane, type Retry } from './lane.ts'
import { escapeUnsafe } from './line.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { EventBatch, EventSink } from './sink.ts'
import { stopped } from './stopped.ts'
import type { Tracer } from './traces/create-tracer.ts'

/** Status on record when the caller went away before there was a reply. */
const callerGone = 499

export interface RecordOptions {
  readonly sinks: readonly EventSink[]
  /** Events that may wait in front of the sinks, and again in front of each sink. */
  readonly queueLimit?: number
  /** The longest an event waits before it is handed to the sinks. */
  readonly flushMs?: number
  /** Events serialised in one turn of the event loop; that many waiting are handed over at once. */
  readonly batchSize?: number
  /** Events in one write to a sink, where more have piled up meanwhile. */
  readonly writeSize?: number
  readonly retry?: Partial<Retry>
  readonly metrics: Metrics
  readonly log?: Log
  /** Ties each line to the one before it. */
  readonly chain?: Chain
  /** Told of every event, in order, off the hot path. Must not throw. */
  readonly watch?: (event: AuditEvent) => void
  /** Makes spans of calls. */
  readonly tracer?: Tracer | undefined
  /** Learns what is called. */
  readonly inventory?: Pick<Inventory, 'take' | 'observe'> | undefined
}

/**
 * Puts calls on record. `call` and `rejected` only note the facts (a few microseconds, nothing awaited, never a
 * throw); building events, serialising and writing happen in batches off the hot path.
 *
 * Loss: none on `close`, on a signal that drains, or on an uncaught exception (sinks are written synchronously
 * on exit, best effort). A process killed outright (SIGKILL) loses what is younger than `flushMs` (200 ms)
 * plus the one write in flight to each sink, and never more than `queueLimit` events for each sink. A power
 * cut loses what the sink's own promise allows. Every other loss is counted in `sallyport_events_lost_total`.
 */
export interface Recorder {
  /** A call that reached the flow; once a call, when the reply has left or is given up. */
  call(progress: Progress, reply: Reply | undefined, denial: Denial | undefined, sizes: Sizes): void
  /** A request refused before routing; `status` is what the peer was sent. */
  rejected(rejected: Rejected, status: number): void
  /** Something that was no call: a sign-in, a command. Gets its number here. */
  event(event: Omit<AuditEvent, 'sequence'>): void
  /** Events that no sink has yet. */
  readonly waiting: number
  /** Resolves when everything recorded so far is written or given up. */
  flush(): Promise<void>
  /** Flushes for at most `deadlineMs` (5 s) and closes the sinks. */
  close(deadlineMs?: number): Promise<void>
}

/** A call is built into its event when its turn comes; what was no call is one already. */
type Waiting = Entry | AuditEvent

export function createRecord(options: RecordOptions): Recorder {
  const { metrics, log, chain, tracer, inventory } = options
  const queueLimit = options.queueLimit ?? 10_000
  const flushMs = options.flushMs ?? 200
  const batchSize = options.batchSize ?? 64
  const lanes: Lane[] = options.sinks.map((sink) => {
    metrics.sinkWorks(sink.name, true)
    return createLane({
      sink,
      limit: sink.queue ?? queueLimit,
      batchSize: sink.batch ?? options.writeSize ?? 512,
      retry: { attempts: 6, firstMs: 100, longestMs: 5_000, timeoutMs: 10_000, ...options.retry },
      log,
      lost: (reason, events) => metrics.lost(reason, events, sink.name),
      failed: metrics.sinkFailed,
      working: metrics.sinkWorks,
    })
  })
  let queue: Waiting[] = []
  let sequence = 0
  let timer: NodeJS.Timeout | undefined
  let turn: NodeJS.Immediate | undefined
  let closed = false

  const waiting = (): number => lanes.reduce((most, lane) => Math.max(most, lane.waiting), 0) + queue.length
  metrics.watchQueue(waiting)

  /** One turn's worth of events. */
  function take(): EventBatch {
    const entries = queue.length <= batchSize ? queue : queue.slice(0, batchSize)
    queue = queue.length <= batchSize ? [] : queue.slice(batchSize)
    return batchOf(entries)
  }

  function hand(): void {
    const batch = take()
    for (const lane of lanes) lane.offer(batch)
  }

  function batchOf(entries: readonly Waiting[]): EventBatch {
    const events = []
    const lines = []
    for (const entry of entries) {
      try {
        const event = 'trail' in entry ? auditEventOf(entry) : entry
        lines.push(chain === undefined ? escapeUnsafe(JSON.stringify(event)) : chain.line(event))
        events.push(event)
        options.watch?.(event)
        if ('trail' in entry) {
          if (entry.traced !== undefined) tracer?.offer(entry, entry.traced)
          const { operation, denial, looked } = entry
          inventory?.observe({ event, operation, errors: denial?.errors, looked })
        }
        if (event.code === 'GATEWAY_FAULT' && 'trail' in entry)
          log?.error(
            { id: event.id, check: entry.denial?.check, frames: framesOf(entry.denial?.cause) },
            'fault',
          )
      } catch (error) {
        metrics.lost('unbuildable', 1)
        log?.error({ frames: framesOf(error) }, 'an audit event could not be built')
      }
    }
    return { events, lines }
  }

  function turnOver(): void {
    turn = undefined
    clearTimeout(timer)
    timer = undefined
    if (queue.length === 0) return
    hand()
    if (queue.length > 0) turn = setImmediate(turnOver)
  }

  function add(entry: Waiting): void {
    if (queue.length >= queueLimit || closed) {
      metrics.lost(closed ? 'closed' : 'queue-full', 1)
      return
    }
    queue.push(entry)
    if (queue.length >= batchSize) turn ??= setImmediate(turnOver)
    else if (timer === undefined && turn === undefined) timer = setTimeout(turnOver, flushMs).unref()
  }

  function handAll(): void {
    clearTimeout(timer)
    clearImmediate(turn)
    timer = undefined
    turn = undefined
    while (queue.length > 0) hand()
  }

  function onExit(): void {
    const rest: EventBatch[] = []
    while (queue.length > 0) rest.push(take())
    for (const lane of lanes) lane.drainSync(rest)
  }
  process.on('exit', onExit)

  return {
    call(progress, reply, denial, sizes) {
      try {
        const end = performance.now()
        const traced = tracer?.take(progress)
        const status = reply?.status ?? (denial === undefined ? callerGone : problemOf(denial.code).status)
        metrics.call({
          operation: (progress as Partial<Matched>).operation,
          status,
          code: denial?.code,
          durationMs: sizes.durationMs,
          trail: progress.trail,
          end,
          exemplar: traced === undefined ? undefined : progress.traceId,
        })
        const looked = inventory?.take(progress, reply)
        add(entryOf(progress, status, denial, sizes, sequence++, end, traced, looked))
      } catch (error) {
        metrics.lost('unbuildable', 1)
        log?.error({ frames: framesOf(error) }, 'a call could not be put on record')
      }
    },
    rejected(rejected, status) {
      try {
        const entry = entryOfRejected(rejected, status, sequence++, performance.now())
        metrics.call({
          operation: undefined,
          status,
          code: rejected.denial.code,
          durationMs: entry.duration,
          trail: rejected.trail,
          end: entry.end,
        })
        add(entry)
      } catch (error) {
        metrics.lost('unbuildable', 1)
        log?.error({ frames: framesOf(error) }, 'a rejected request could not be put on record')
      }
    },
    event(event) {
      add({ ...event, sequence: sequence++ })
    },
    get waiting() {
      return waiting()
    },
    async flush() {
      handAll()
      await Promise.all(lanes.map((lane) => lane.idle()))
    },
    async close(deadlineMs = 5_000) {
      if (closed) return
      handAll()
      closed = true
      if (chain !== undefined && sequence > 0) {
        const event = stopped(sequence++)
        const batch = { events: [event], lines: [chain.line(event, true)] }
        for (const lane of lanes) lane.offer(batch)
      }
      await Promise.all([tracer?.close(deadlineMs), ...lanes.map((lane) => lane.close(deadlineMs))])
      process.off('exit', onExit)
    },
  }
}
