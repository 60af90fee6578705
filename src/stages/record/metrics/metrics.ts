import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Operation } from '../../../kernel/operation.ts'
import type { ProblemCode } from '../../../kernel/problem.ts'
import type { Stage, Trail } from '../../../kernel/trail.ts'
import type { LossReason } from '../lane.ts'
import { Buckets } from './buckets.ts'
import { ExposedCounter, ExposedHistogram } from './exposed.ts'
import { openMetricsOf } from './open-metrics.ts'
import { CountersBySlot } from './operation-counters.ts'

/** Seconds: stages take microseconds, forward takes what the upstream takes. */
const stageBounds = [
  2e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 1e-3, 5e-3, 0.025, 0.1, 0.5, 2.5, 10,
] as const

type Verdict = 'allow' | 'deny' | 'abstain' | 'would-deny'

/** What a call adds to the metrics. */
export interface Measured {
  readonly operation: Operation | undefined
  readonly status: number
  readonly code: ProblemCode | undefined
  readonly durationMs: number
  readonly trail: Trail
  /** Monotonic ms at which the call was over. */
  readonly end: number
  /** Trace id of a call whose trace is kept. */
  readonly exemplar?: string | undefined
}

/**
 * All metrics of the gateway. Labels are bounded: operations by the contract, codes by the table of problems,
 * stages, sinks and reasons by the source. A call that matched no operation has empty `api` and `operation`.
 */
export interface Metrics {
  /** Where other parts register what they count. */
  readonly registry: Registry
  readonly contentType: string
  /** The Prometheus text. */
  text(): Promise<string>
  /** The OpenMetrics text, which has exemplars. */
  openMetrics(): Promise<string>
  call(measured: Measured): void
  /** `sink`: which one did not get them; undefined: none did. */
  lost(reason: LossReason, events: number, sink?: string): void
  /** Something was noticed; `kind` is one of a fixed list. */
  finding(kind: string): void
  sinkFailed(sink: string): void
  sinkWorks(sink: string, works: boolean): void
  /** Calls whose spans were sent, or given up. */
  traced(outcome: 'sent' | 'lost', calls: number): void
  /** Where to read the number of queued events. */
  watchQueue(queued: () => number): void
}

/** Metrics in their own registry. `runtime: false` leaves out those of the process (for tests). */
export function createMetrics(
  options: { readonly runtime?: boolean; readonly version?: string } = {},
): Metrics {
  const registry = new Registry()
  const operations = new CountersBySlot()
  const stages = new Map<Stage, Buckets>()
  const refusals = new Map<ProblemCode, number>()
  const lost = new Map<LossReason, number>()
  const findings = new Map<string, number>()
  const failures = new Map<string, number>()
  const working = new Map<string, number>()
  const verdicts = new Map<Stage, Record<Verdict, number>>()
  const traced = { sent: 0, lost: 0 }
  const lostBySink = new Map<string, { readonly sink: string; readonly reason: LossReason; events: number }>()
  let failedOpen = 0
  let queued = (): number => 0

  function stageBuckets(stage: Stage): Buckets {
    const known = stages.get(stage)
    if (known !== undefined) return known
    const made = new Buckets(stageBounds)
    stages.set(stage, made)
    return made
  }

  function verdictsOf(stage: Stage): Record<Verdict, number> {
    const known = verdicts.get(stage)
    if (known !== undefined) return known
    const made = { allow: 0, deny: 0, abstain: 0, 'would-deny': 0 }
    verdicts.set(stage, made)
    return made
  }

  if (options.runtime !== false) collectDefaultMetrics({ register: registry })

  new ExposedCounter(
    {
      name: 'sallyport_requests_total',
      help: 'Calls by operation, class of the status the caller got, and problem code (empty: not refused).',
      labelNames: ['api', 'operation', 'status_class', 'code'],
      registry,
    },
    () =>
      [...operations.all()].flatMap(({ api, operation, passed, refused }) =>
        [['', passed] as const, ...refused].flatMap(([code, counts]) =>
          counts.flatMap((value, hundreds) =>
            value === 0 ? [] : [{ labels: { api, operation, status_class: `${hundreds}xx`, code }, value }],
          ),
        ),
      ),
  )
  new ExposedHistogram(
    {
      name: 'sallyport_request_duration_seconds',
      help: 'Time from the request head to the end of the reply.',
      labelNames: ['api', 'operation'],
      registry,
    },
    () =>
      [...operations.all()].map(({ api, operation, duration }) => ({
        labels: { api, operation },
        buckets: duration,
      })),
  )
  new ExposedHistogram(
    {
      name: 'sallyport_stage_duration_seconds',
      help: 'Time a call spent in each stage.',
      labelNames: ['stage'],
      registry,
    },
    () => [...stages].map(([stage, buckets]) => ({ labels: { stage }, buckets })),
  )
  new ExposedCounter<'api' | 'operation' | 'method' | 'template'>(
    {
      name: 'sallyport_operation_calls_total',
      help: 'Calls of declared operations, with method and path template.',
      labelNames: ['api', 'operation', 'method', 'template'],
      registry,
    },
    () =>
      [...operations.all()].flatMap((one) =>
        one.operation === ''
          ? []
          : [
              {
                labels: {
                  api: one.api,
                  operation: one.operation,
                  method: one.method,
                  template: one.template,
                },
                value: one.duration.count,
              },
            ],
      ),
  )
  new ExposedCounter<'stage' | 'verdict'>(
    {
      name: 'sallyport_checks_total',
      help: 'What checks said, by stage; `would-deny`: a check that only watches.',
      labelNames: ['stage', 'verdict'],
      registry,
    },
    () =>
      [...verdicts].flatMap(([stage, counts]) =>
        Object.entries(counts).map(([verdict, value]) => ({ labels: { stage, verdict }, value })),
      ),
  )
  new ExposedCounter<'outcome'>(
    {
      name: 'sallyport_traces_total',
      help: 'Kept calls whose spans the collector took, or did not get.',
      labelNames: ['outcome'],
      registry,
    },
    () => Object.entries(traced).map(([outcome, value]) => ({ labels: { outcome }, value })),
  )
  const build = new Gauge({
    name: 'sallyport_build_info',
    help: 'Always 1; version of the gateway and of Node.',
    labelNames: ['version', 'node'],
    registers: [registry],
  })
  if (options.version !== undefined) build.set({ version: options.version, node: process.versions.node }, 1)
  const counter = <L extends string>(
    name: string,
    help: string,
    label: L,
    counts: Map<string, number>,
  ): void => {
    new ExposedCounter<string>({ name, help, labelNames: [label], registry }, () =>
      [...counts].map(([key, value]) => ({ labels: { [label]: key }, value })),
    )
  }
  counter('sallyport_refusals_total', 'Refused calls by problem code.', 'code', refusals)
  counter('sallyport_findings_total', 'Findings about patterns of calls, by kind.', 'kind', findings)
  counter('sallyport_events_lost_total', 'Audit events that a sink did not get, by reason.', 'reason', lost)
  counter('sallyport_sink_failures_total', 'Failed writes to an audit sink.', 'sink', failures)
  new ExposedCounter<'sink' | 'reason'>(
    {
      name: 'sallyport_sink_events_lost_total',
      help: 'Audit events that one sink did not get.',
      labelNames: ['sink', 'reason'],
      registry,
    },
    () =>
      [...lostBySink.values()].map(({ sink, reason, events }) => ({
        labels: { sink, reason },
        value: events,
      })),
  )
  new ExposedCounter<never>(
    {
      name: 'sallyport_failed_open_total',
      help: 'Checks that broke and whose configuration let the call pass.',
      labelNames: [],
      registry,
    },
    () => [{ labels: {}, value: failedOpen }],
  )
  new Gauge({
    name: 'sallyport_events_queued',
    help: 'Audit events that no sink has yet.',
    registers: [registry],
    collect() {
      this.set(queued())
    },
  })
  new Gauge({
    name: 'sallyport_sink_up',
    help: '1 while the last write to an audit sink worked, else 0: alert on 0.',
    labelNames: ['sink'],
    registers: [registry],
    collect() {
      for (const [sink, value] of working) this.set({ sink }, value)
    },
  })

  return {
    registry,
    contentType: registry.contentType,
    text: () => registry.metrics(),
    openMetrics: async () => openMetricsOf(await registry.getMetricsAsJSON()),
    call({ operation, status, code, durationMs, trail, end, exemplar }) {
      const counters = operations.of(operation)
      counters.count(status, code)
      counters.duration.observe(durationMs / 1000, exemplar)
      if (code !== undefined) refusals.set(code, (refusals.get(code) ?? 0) + 1)
      failedOpen += trail.failedOpen
      const { times, notes } = trail
      for (const note of notes) {
        const counts = verdictsOf(note.stage)
        counts[note.observed && note.verdict === 'deny' ? 'would-deny' : note.verdict]++
      }
      for (let i = 0; i + 1 < times.length; i += 2) {
        const stage = times[i] as Stage
        const next = i + 3 < times.length ? (times[i + 3] as number) : end
        stageBuckets(stage).observe((next - (times[i + 1] as number)) / 1000)
      }
    },
    finding(kind) {
      findings.set(kind, (findings.get(kind) ?? 0) + 1)
    },
    lost(reason, events, sink) {
      lost.set(reason, (lost.get(reason) ?? 0) + events)
      if (sink === undefined) return
      const key = `${sink}\0${reason}`
      const known = lostBySink.get(key)
      if (known === undefined) lostBySink.set(key, { sink, reason, events })
      else known.events += events
    },
    sinkFailed(sink) {
      failures.set(sink, (failures.get(sink) ?? 0) + 1)
    },
    sinkWorks(sink, works) {
      working.set(sink, works ? 1 : 0)
    },
    traced(outcome, calls) {
      traced[outcome] += calls
    },
    watchQueue(read) {
      queued = read
    },
  }
}
