import type { Exemplar } from './buckets.ts'

/** Media type of the OpenMetrics text, version 1.0.0. */
export const openMetricsType = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

interface Family {
  readonly name: string
  readonly help: string
  /** As the library spells it. */
  readonly type: unknown
  readonly values: readonly Sample[]
}

interface Sample {
  readonly labels: Readonly<Record<string, string | number | undefined>>
  readonly value: number
  readonly metricName?: string
  readonly exemplarOf?: Exemplar | undefined
}

/**
 * Metrics in the OpenMetrics text format. The library's own writer renames the counters that the Prometheus text shows, so
 * both cannot be served from one registry; and it has no exemplars of numbers that are kept elsewhere.
 */
export function openMetricsOf(families: readonly object[]): string {
  const lines: string[] = []
  for (const family of families as readonly Family[]) {
    const isCounter = family.type === 'counter'
    const name = isCounter ? family.name.replace(/_total$/, '') : family.name
    lines.push(`# TYPE ${name} ${String(family.type)}`, `# HELP ${name} ${escaped(family.help)}`)
    for (const sample of family.values) {
      const own = isCounter ? `${name}_total` : (sample.metricName ?? name)
      lines.push(`${own}${labelsOf(sample.labels)} ${numberOf(sample.value)}${exemplarOf(sample.exemplarOf)}`)
    }
  }
  return `${lines.join('\n')}\n# EOF\n`
}

function exemplarOf(exemplar: Exemplar | undefined): string {
  if (exemplar === undefined) return ''
  return ` # {trace_id="${exemplar.traceId}"} ${exemplar.seconds} ${(exemplar.time / 1000).toFixed(3)}`
}

function labelsOf(labels: Sample['labels']): string {
  const pairs = Object.entries(labels)
    .filter(([, value]) => value !== undefined)
    // Bounds are written as floating point numbers.
    .map(
      ([name, value]) =>
        `${name}="${name === 'le' && Number.isInteger(value) ? `${value}.0` : escaped(String(value))}"`,
    )
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function numberOf(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return String(value)
  return value > 0 ? '+Inf' : '-Inf'
}

function escaped(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"')
}
