export interface AdaptiveLimitOptions {
  /** Fewest and most calls at once. */
  readonly least: number
  readonly most: number
  /** How many times its usual time a reply may take before calls are held back. */
  readonly tolerance: number
}

/** Samples of one kind of call, and how long it takes where nothing is in its way. */
interface Kind {
  usual: number
  sum: number
  count: number
}

/** While the usual time is measured: how many at once, since when, and from when samples count. */
interface Probe {
  readonly limit: number
  readonly begun: number
  from: number | undefined
}

const windowMs = 100
const fewest = 10
/** How often the usual time is measured again at most, and how long that may take. */
const probeEveryMs = 10_000
const probeMostMs = 1_000
/** So much slower than usual is worth another look at what is usual. */
const suspicious = 1.3

/**
 * How many calls an upstream gets at once, learned from its own times (after Netflix's concurrency limits and Envoy's
 * adaptive concurrency). Each kind of call has a usual time, so a slow report does not look like trouble. While the limit
 * binds: where replies take longer than `tolerance` times the usual, it shrinks by as much; else it grows by its square
 * root. Where it binds and replies are slow, or the usual time was never seen without a flood, it drops to a quarter for a
 * moment, at most every ten seconds, to see how long a call takes without a queue in the upstream: so neither a flood at
 * the start nor an upstream that has become slower leaves it with a wrong idea.
 */
export class AdaptiveLimit {
  /** Calls at once, as the upstream bears them. */
  limit: number
  inFlight = 0
  readonly #options: AdaptiveLimitOptions
  readonly #kinds = new Map<number, Kind>()
  readonly #touched: Kind[] = []
  #begun = 0
  #samples = 0
  #failures = 0
  #bound = false
  #probedAt = Number.NEGATIVE_INFINITY
  /** The usual times were measured while nobody had to wait. */
  #trusted = false
  #probe: Probe | undefined

  constructor(options: AdaptiveLimitOptions) {
    this.#options = options
    this.limit = Math.min(options.most, Math.max(options.least, 64))
  }

  get hasRoom(): boolean {
    return this.inFlight < (this.#probe === undefined ? this.limit : Math.min(this.#probe.limit, this.limit))
  }

  /** A call begins. */
  begin(): void {
    this.inFlight++
    if (this.inFlight >= this.limit - 1) this.#bound = true
  }

  /** Somebody had to wait: the limit binds. */
  turnedAway(): void {
    this.#bound = true
  }

  /**
   * A call of a kind ended that began at `started`, monotonic ms. `good`: a reply came; false: the upstream failed;
   * undefined: it tells nothing. `lagMs`: how late this process itself is.
   */
  end(kind: number, started: number, now: number, good: boolean | undefined, lagMs = 0): void {
    this.inFlight--
    if (this.#probe !== undefined && !this.#counts(this.#probe, started, now)) return
    if (good === true) this.#sample(kind, Math.max(0, now - started - lagMs))
    if (good === false) this.#failures++
    if (good !== undefined) this.#samples++
    if (this.#samples >= fewest && now - this.#begun >= windowMs) this.#conclude(now)
  }

  /** While the usual time is measured only calls count that met no queue. */
  #counts(probe: Probe, started: number, now: number): boolean {
    if (now - probe.begun > probeMostMs) {
      this.#probe = undefined
      this.#reset(now)
      return true
    }
    if (probe.from === undefined && this.inFlight <= probe.limit) {
      probe.from = now
      this.#reset(now)
    }
    return probe.from !== undefined && started >= probe.from
  }

  #sample(kind: number, ms: number): void {
    let known = this.#kinds.get(kind)
    if (known === undefined) {
      known = { usual: ms, sum: 0, count: 0 }
      this.#kinds.set(kind, known)
    }
    if (known.count === 0) this.#touched.push(known)
    known.sum += ms
    known.count++
  }

  #conclude(now: number): void {
    const elapsed = now - this.#begun
    const probing = this.#probe !== undefined
    let slowness = 0
    let count = 0
    for (const kind of this.#touched) {
      const mean = kind.sum / kind.count
      // A millisecond more or less is noise.
      slowness += ((mean + 1) / (kind.usual + 1)) * kind.count
      count += kind.count
      if (probing) kind.usual = mean
      else if (!this.#bound) kind.usual += (mean - kind.usual) * Math.min(1, elapsed / 2000)
      else if (mean < kind.usual) kind.usual += (mean - kind.usual) * 0.2
    }
    if (probing) {
      this.#probe = undefined
      this.#probedAt = now
      this.#trusted = true
    } else {
      const slow = count === 0 ? 1 : slowness / count
      this.#adjust(slow)
      if (!this.#bound) this.#trusted = true
      else if (
        (slow > suspicious || !this.#trusted) &&
        now - this.#probedAt > probeEveryMs &&
        this.limit > this.#options.least
      )
        this.#startProbe(now)
    }
    this.#reset(now)
  }

  #adjust(slowness: number): void {
    const { least, most, tolerance } = this.#options
    let next = this.limit
    if (this.#failures > this.#samples / 10) next *= 0.8
    else if (this.#bound) next = next * Math.max(0.5, Math.min(1, tolerance / slowness)) + Math.sqrt(next)
    this.limit = Math.max(least, Math.min(most, (this.limit + next) / 2))
  }

  #startProbe(now: number): void {
    this.#probedAt = now
    this.#probe = {
      limit: Math.max(this.#options.least, Math.floor(this.limit / 4)),
      begun: now,
      from: undefined,
    }
  }

  #reset(now: number): void {
    for (const kind of this.#touched) {
      kind.sum = 0
      kind.count = 0
    }
    this.#touched.length = 0
    this.#begun = now
    this.#samples = 0
    this.#failures = 0
    this.#bound = false
  }
}
