/** When an upstream counts as broken. */
export interface BreakerOptions {
  /** Share of failures, 0 to 1. */
  readonly failures: number
  /** Fewer calls than this in ten seconds say nothing. */
  readonly calls: number
  /** Milliseconds until it is tried again; doubled each time that it is still broken, up to a minute. */
  readonly openMs: number
  /** Calls that try it, all of which must succeed. */
  readonly probes: number
}

export type BreakerState = 'closed' | 'open' | 'half-open'

const buckets = 10
const bucketMs = 1000
const longestOpenMs = 60_000

/**
 * A circuit breaker: an upstream of which most calls failed within ten seconds is left alone for a while, then a few
 * calls try it. It holds counts and no calls, so it has nothing that it could forget to give back. Times are monotonic ms.
 */
export class Breaker {
  state: BreakerState = 'closed'
  /** How often it has opened. */
  opened = 0
  readonly #options: BreakerOptions
  readonly #good = new Uint32Array(buckets)
  readonly #bad = new Uint32Array(buckets)
  #bucket = 0
  #since = 0
  #until = 0
  #openMs: number
  #trying = 0
  #succeeded = 0

  constructor(options: BreakerOptions) {
    this.#options = options
    this.#openMs = options.openMs
  }

  /** 0 where a call may go now, else milliseconds until one may. A call that goes must be ended with `record`. */
  enter(now: number): number {
    if (this.state === 'closed') return 0
    if (this.state === 'open') {
      if (now < this.#until) return this.#until - now
      this.state = 'half-open'
      this.#since = now
      this.#trying = 0
      this.#succeeded = 0
    }
    if (this.#trying + this.#succeeded >= this.#options.probes) return bucketMs
    this.#trying++
    return 0
  }

  /** How a call ended that began at `started`; undefined where it tells nothing of the upstream. */
  record(good: boolean | undefined, started: number, now: number): void {
    if (this.state === 'closed') {
      if (good !== undefined) this.#count(good, now)
      return
    }
    // What began before says nothing of how the upstream is now.
    if (this.state === 'open' || started < this.#since) return
    this.#trying = Math.max(0, this.#trying - 1)
    if (good === false) this.#open(now, Math.min(this.#openMs * 2, longestOpenMs))
    else if (good === true && ++this.#succeeded >= this.#options.probes) this.#close()
  }

  #count(good: boolean, now: number): void {
    this.#advance(now)
    const at = this.#bucket % buckets
    const counts = good ? this.#good : this.#bad
    counts[at] = (counts[at] ?? 0) + 1
    if (good) return
    let calls = 0
    let failed = 0
    for (let i = 0; i < buckets; i++) {
      const bad = this.#bad[i] ?? 0
      failed += bad
      calls += bad + (this.#good[i] ?? 0)
    }
    if (calls >= this.#options.calls && failed >= calls * this.#options.failures)
      this.#open(now, this.#options.openMs)
  }

  #advance(now: number): void {
    const bucket = Math.floor(now / bucketMs)
    const steps = Math.min(buckets, bucket - this.#bucket)
    for (let step = 1; step <= steps; step++) {
      const at = (this.#bucket + step) % buckets
      this.#good[at] = 0
      this.#bad[at] = 0
    }
    if (bucket > this.#bucket) {
      if (steps === buckets) {
        this.#good.fill(0)
        this.#bad.fill(0)
      }
      this.#bucket = bucket
    }
  }

  #open(now: number, openMs: number): void {
    this.state = 'open'
    this.opened++
    this.#openMs = openMs
    this.#until = now + openMs
  }

  #close(): void {
    this.state = 'closed'
    this.#openMs = this.#options.openMs
    this.#good.fill(0)
    this.#bad.fill(0)
  }
}
