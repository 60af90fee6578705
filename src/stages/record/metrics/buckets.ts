/** A trace that shows what a bucket counts. */
export interface Exemplar {
  readonly traceId: string
  /** The measured value. */
  readonly seconds: number
  /** Milliseconds since the epoch. */
  readonly time: number
}

/** A histogram without labels: counts per bucket, the last one for whatever is above all bounds. */
export class Buckets {
  readonly bounds: readonly number[]
  readonly counts: number[]
  /** The last kept trace of each bucket. */
  readonly exemplars: (Exemplar | undefined)[] = []
  sum = 0

  get count(): number {
    return this.counts.reduce((sum, count) => sum + count, 0)
  }

  /** Upper bounds in seconds, ascending. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = new Array<number>(bounds.length + 1).fill(0)
  }

  observe(seconds: number, traceId?: string): void {
    const { bounds, counts } = this
    let i = 0
    while (i < bounds.length && seconds > (bounds[i] as number)) i++
    counts[i] = (counts[i] as number) + 1
    this.sum += seconds
    if (traceId !== undefined) this.exemplars[i] = { traceId, seconds, time: Date.now() }
  }
}
