import type { Progress } from '../../../kernel/facts.ts'
import { isKept } from '../../../kernel/sampling.ts'
import type { Deliverer } from '../../../outbound/create-outbound.ts'
import type { Entry } from '../entry.ts'
import type { Log } from '../log.ts'
import { type OtlpResource, type OtlpTarget, sendOtlp } from '../otlp/otlp.ts'
import { deliveryVerdicts } from '../sinks/delivery-error.ts'
import { type Destination, type Span, spansOf } from './span.ts'
import type { Traced } from './traced.ts'

export interface TracerOptions extends OtlpTarget {
  readonly outbound: Deliverer
  readonly resource: OtlpResource
  readonly version: string
  /** Share of traces that are kept. */
  readonly ratio: number
  /** Whether a trace is kept because its caller keeps it. */
  readonly respectCallers: boolean
  /** Calls in one request, and calls that may wait. */
  readonly batch: number
  readonly queue: number
  readonly flushMs?: number
  /** How often a batch is tried while the collector is away. */
  readonly attempts?: number
  readonly firstRetryMs?: number
  /** Where the calls of an API go, as it is now. */
  destinationOf(api: string): Destination | undefined
  /** Told of calls whose spans were sent, or given up. */
  counted(outcome: 'sent' | 'lost', calls: number): void
  readonly log?: Log
}

/** Makes spans of kept calls and sends them in batches. Nothing is awaited by a call. */
export interface Tracer {
  /** What the call's spans will need beside its entry; undefined where the trace is not kept. */
  take(progress: Progress): Traced | undefined
  /** Off the hot path. */
  offer(entry: Entry, traced: Traced): void
  flush(): Promise<void>
  close(deadlineMs?: number): Promise<void>
}

export function createTracer(options: TracerOptions): Tracer {
  const { batch, queue, flushMs = 1_000, attempts = 4, firstRetryMs = 200 } = options
  let waiting: Span[][] = []
  let inFlight = 0
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false
  const stop = new AbortController()

  async function send(calls: readonly Span[][]): Promise<void> {
    const spans = calls.flat()
    const request = {
      resourceSpans: [
        {
          resource: options.resource,
          scopeSpans: [{ scope: { name: 'sallyport', version: options.version }, spans }],
        },
      ],
    }
    for (let attempt = 1; ; attempt++) {
      try {
        const rejected = await sendOtlp(options.outbound, options, 'rejectedSpans', request)
        // Spans are rejected one by one; calls are what is counted.
        const lost =
          rejected === 0 ? 0 : Math.min(calls.length, Math.ceil((rejected / spans.length) * calls.length))
        options.counted('sent', calls.length - lost)
        if (lost > 0) options.counted('lost', lost)
        return
      } catch (error) {
        if (attempt >= attempts || closed || deliveryVerdicts.isRefused(error)) {
          options.counted('lost', calls.length)
          options.log?.warn(
            { reason: error instanceof Error ? error.message : 'unknown' },
            'spans were not taken',
          )
          return
        }
        const wait = Math.max(
          firstRetryMs * 2 ** (attempt - 1),
          Math.min(30_000, deliveryVerdicts.waitMs(error)),
        )
        await pause(wait, stop.signal)
      }
    }
  }

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const calls = waiting.slice(0, batch)
      waiting = waiting.slice(batch)
      inFlight = calls.length
      await send(calls)
      inFlight = 0
    }
    running = undefined
  }

  function start(): void {
    clearTimeout(timer)
    timer = undefined
    running ??= run()
  }

  return {
    take(progress) {
      const { traceId, fields } = progress
      const kept = isKept(traceId, options.ratio)
      if (!kept && !options.respectCallers) return undefined
      const parent = fields.get('traceparent')
      const own = parent !== undefined && parent.length >= 55 && parent.startsWith(traceId, 3)
      if (!kept && !(own && (Number.parseInt(parent.slice(53, 55), 16) & 1) === 1)) return undefined
      return { parent: own ? parent.slice(36, 52) : undefined, authority: progress.authority }
    },
    offer(entry, traced) {
      if (closed || waiting.length + inFlight >= queue) {
        options.counted('lost', 1)
        return
      }
      waiting.push(spansOf(entry, traced, options.destinationOf(entry.operation?.api ?? '')))
      if (waiting.length >= batch) start()
      else if (running === undefined) timer ??= setTimeout(start, flushMs).unref()
    },
    async flush() {
      start()
      await running
    },
    async close(deadlineMs = 3_000) {
      if (closed) return
      start()
      const last = running
      closed = true
      stop.abort()
      await Promise.race([last, pause(deadlineMs, new AbortController().signal)])
      if (waiting.length > 0) options.counted('lost', waiting.length)
      waiting = []
    },
  }
}

/** Waits, or until the signal. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(resolve, ms)
    timer.unref()
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
