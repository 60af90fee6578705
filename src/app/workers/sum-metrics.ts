import { type Metric, Registry } from 'prom-client'

interface Sample {
  readonly labels: Readonly<Record<string, string | number | undefined>>
  readonly value: number
  readonly metricName?: string
  /** A kept trace that shows what a bucket counts. */
  readonly exemplarOf?: object | undefined
}

/** One metric of one thread, as `Registry.getMetricsAsJSON` gives it. */
export interface MetricJson {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly values: readonly Sample[]
}

/** Gauges of which the worst thread counts; all others add up. */
const greatest: ReadonlySet<string> = new Set([
  'sallyport_overload_event_loop_seconds',
  'sallyport_overload_memory_ratio',
  'sallyport_overload_shed_ratio',
  'sallyport_upstream_breaker',
])
const least: ReadonlySet<string> = new Set(['sallyport_sink_up', 'sallyport_store_up'])

/** The metrics of all threads as one. */
export function sumMetrics(threads: readonly (readonly MetricJson[])[]): readonly MetricJson[] {
  const byName = new Map<string, MetricJson[]>()
  for (const metrics of threads)
    for (const metric of metrics) {
      const known = byName.get(metric.name)
      if (known === undefined) byName.set(metric.name, [metric])
      else known.push(metric)
    }
  return [...byName.values()].map((same) => {
    const [first] = same
    return first === undefined || same.length === 1 ? (first as MetricJson) : joined(first, same)
  })
}

/** What goes on counting after its thread is gone. */
export function lastingMetrics(metrics: readonly MetricJson[]): readonly MetricJson[] {
  return metrics.filter(({ type }) => type === 'counter' || type === 'histogram')
}

/** The Prometheus text. */
export async function textOf(metrics: readonly MetricJson[]): Promise<string> {
  const registry = new Registry()
  // The library asks no more of a metric than its name and what `get` returns.
  for (const metric of metrics)
    registry.registerMetric({ ...metric, get: () => Promise.resolve(metric) } as unknown as Metric)
  return registry.metrics()
}

function joined(first: MetricJson, same: readonly MetricJson[]): MetricJson {
  const samples = new Map<string, Sample>()
  const choose = greatest.has(first.name) ? Math.max : least.has(first.name) ? Math.min : add
  for (const { values } of same)
    for (const sample of values) {
      const key = `${sample.metricName ?? ''}${JSON.stringify(Object.entries(sample.labels).sort())}`
      const known = samples.get(key)
      samples.set(
        key,
        known === undefined
          ? sample
          : {
              ...known,
              value: choose(known.value, sample.value),
              exemplarOf: known.exemplarOf ?? sample.exemplarOf,
            },
      )
    }
  return { ...first, values: [...samples.values()] }
}

function add(a: number, b: number): number {
  return a + b
}
