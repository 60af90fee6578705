import { Counter, Histogram, type LabelValues, type Registry } from 'prom-client'
import type { Buckets, Exemplar } from './buckets.ts'

interface Sample<L extends string> {
  readonly labels: LabelValues<L>
  readonly value: number
}

interface Spread<L extends string> {
  readonly labels: LabelValues<L>
  readonly buckets: Buckets
}

interface HistogramSample<L extends string> {
  readonly labels: LabelValues<L>
  readonly value: number
  readonly metricName: string
  /** Not in the Prometheus text: see `openMetricsOf`. */
  readonly exemplarOf?: Exemplar | undefined
}

interface Description<L extends string> {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly L[]
  readonly registry: Registry
}

/** A counter whose numbers are kept elsewhere and read at scrape time: prom-client hashes labels on each call. */
export class ExposedCounter<L extends string> extends Counter<L> {
  readonly #describe: Description<L>
  readonly #read: () => Sample<L>[]

  constructor(describe: Description<L>, read: () => Sample<L>[]) {
    super({
      name: describe.name,
      help: describe.help,
      labelNames: [...describe.labelNames],
      registers: [describe.registry],
    })
    this.#describe = describe
    this.#read = read
  }

  override async get(): ReturnType<Counter<L>['get']> {
    const { name, help } = this.#describe
    return { ...(await super.get()), name, help, values: this.#read() }
  }
}

/** The same for a histogram. */
export class ExposedHistogram<L extends string> extends Histogram<L> {
  readonly #describe: Description<L>
  readonly #read: () => Spread<L>[]

  constructor(describe: Description<L>, read: () => Spread<L>[]) {
    super({
      name: describe.name,
      help: describe.help,
      labelNames: [...describe.labelNames],
      registers: [describe.registry],
    })
    this.#describe = describe
    this.#read = read
  }

  override async get(): ReturnType<Histogram<L>['get']> {
    const { name, help } = this.#describe
    const values = this.#read().flatMap((spread) => this.#samples(spread))
    // Its types say an enum where the library has the word.
    return { name, help, type: 'histogram', aggregator: 'sum', values } as unknown as Awaited<
      ReturnType<Histogram<L>['get']>
    >
  }

  /** prom-client prefers this one for its text; the shape is the same. */
  getForPromString(): ReturnType<Histogram<L>['get']> {
    return this.get()
  }

  #samples({ labels, buckets }: Spread<L>): HistogramSample<L>[] {
    const samples: HistogramSample<L>[] = []
    let total = 0
    for (const [i, count] of buckets.counts.entries()) {
      total += count
      const le = buckets.bounds[i] ?? '+Inf'
      samples.push({
        metricName: `${this.#describe.name}_bucket`,
        labels: { ...labels, le },
        value: total,
        exemplarOf: buckets.exemplars[i],
      })
    }
    samples.push({ metricName: `${this.#describe.name}_sum`, labels, value: buckets.sum })
    samples.push({ metricName: `${this.#describe.name}_count`, labels, value: total })
    return samples
  }
}
