/** A histogram without labels: counts per bucket, the last one for whatever is above all bounds. */
export class Buckets {
  readonly bounds: readonly number[]
  readonly counts: number[]
  sum = 0

  /** Upper bounds in seconds, ascending. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = new Array<number>(bounds.length + 1).fill(0)
  }

  observe(seconds: number): void {
    const { bounds, counts } = this
    let i = 0
    while (i < bounds.length && seconds > (bounds[i] as number)) i++
    counts[i] = (counts[i] as number) + 1
    this.sum += seconds
  }
}
