import type { Answer, Inspected } from '../../../kernel/facts.ts'
import { networkOf } from '../../../kernel/network-of.ts'
import { type Denial, deny, isDenied } from '../../../kernel/verdict.ts'
import { AdaptiveLimit, type AdaptiveLimitOptions } from './adaptive-limit.ts'
import { Breaker, type BreakerOptions, type BreakerState } from './breaker.ts'
import type { CallClass } from './call-class.ts'
import { ClassQueue } from './class-queue.ts'
import type { Shed, ShedCounts } from './shed-counts.ts'

const check = 'limit.overload'

export interface UpstreamGuardOptions {
  readonly mode: 'enforce' | 'observe' | 'off'
  readonly concurrency: AdaptiveLimitOptions
  /** Undefined: there is none. */
  readonly breaker: BreakerOptions | undefined
  /** Calls that may wait for their turn, and how long, ms. */
  readonly waiting: number
  readonly waitMs: number
}

interface Waiter {
  readonly kind: CallClass
  settle(denial: Denial | undefined): void
}

/**
 * Stands in front of one upstream and lets through as much as it bears. Calls beyond that wait a moment, more important
 * ones first and callers in turns; what finds no place is `LIMIT_OVERLOAD` at once. Whoever was let in calls `leave`.
 */
export class UpstreamGuard {
  readonly counts: ShedCounts
  /** Where to read how often calls were repeated. */
  repeats: () => { readonly repeats: number; readonly repeatsRefused: number } = () => ({
    repeats: 0,
    repeatsRefused: 0,
  })
  readonly #options: UpstreamGuardOptions
  readonly #lag: () => number
  readonly #limit: AdaptiveLimit
  readonly #breaker: Breaker | undefined
  readonly #queue: ClassQueue<Waiter>

  /** `lag`: milliseconds by which this process is late: no fault of the upstream. */
  constructor(options: UpstreamGuardOptions, counts: ShedCounts, lag: () => number = () => 0) {
    this.counts = counts
    this.#lag = lag
    this.#options = options
    this.#limit = new AdaptiveLimit(options.concurrency)
    this.#breaker = options.breaker === undefined ? undefined : new Breaker(options.breaker)
    this.#queue = new ClassQueue(options.waiting)
  }

  /** What it is doing now. */
  get now(): { limit: number; inFlight: number; waiting: number; breaker: BreakerState; opened: number } {
    return {
      limit: Math.floor(this.#limit.limit),
      inFlight: this.#limit.inFlight,
      waiting: this.#queue.size,
      breaker: this.#breaker?.state ?? 'closed',
      opened: this.#breaker?.opened ?? 0,
    }
  }

  /** Undefined where the call may go now; a promise where it waits for its turn. */
  enter(call: Inspected, kind: CallClass): Denial | undefined | Promise<Denial | undefined> {
    if (this.#limit.hasRoom && this.#queue.size === 0) {
      const closedMs = this.#breaker === undefined ? 0 : this.#breaker.enter(performance.now())
      if (closedMs === 0) {
        this.#limit.begin()
        return undefined
      }
      return this.#refuse(kind, 'breaker', 'the upstream is left alone until it has recovered', closedMs)
    }
    this.#limit.turnedAway()
    if (this.#options.mode === 'observe') {
      this.counts.add('full', kind, true)
      this.#limit.begin()
      return undefined
    }
    return this.#wait(call, kind)
  }

  /** The call is over: with the upstream’s answer, the refusal of forward, or neither. `started`: monotonic ms. */
  leave(call: Inspected, answer: Answer | Denial | undefined, started: number): void {
    const now = performance.now()
    const good = verdictOf(call, answer)
    this.#breaker?.record(good, started, now)
    this.#limit.end(call.operation.slot, started, now, good, this.#lag())
    this.#serve()
  }

  #refuse(kind: CallClass, why: Shed, reason: string, retryMs: number): Denial | undefined {
    const watching = this.#options.mode === 'observe'
    this.counts.add(why, kind, watching)
    if (!watching) return overloaded(reason, retryMs)
    this.#limit.begin()
    return undefined
  }

  #wait(call: Inspected, kind: CallClass): Promise<Denial | undefined> | Denial {
    const { principal, client } = call
    const caller = principal.sub === '' ? networkOf(client) : `${principal.issuer} ${principal.sub}`
    return new Promise((resolve) => {
      const { signal } = call
      const leave = (why: Shed): void => {
        if (!this.#queue.remove(kind, caller, waiter)) return
        this.counts.add(why, kind, false)
        waiter.settle(overloaded('waited too long for the upstream', 1000))
      }
      // Nobody works for a caller who has left.
      const gone = (): void => leave('gone')
      const timer = setTimeout(() => leave('late'), this.#options.waitMs).unref()
      const waiter: Waiter = {
        kind,
        settle(denial) {
          clearTimeout(timer)
          signal.removeEventListener('abort', gone)
          resolve(denial)
        },
      }
      const left = this.#queue.push(kind, caller, waiter)
      if (left !== undefined) {
        this.counts.add('full', left.kind, false)
        left.settle(overloaded('more calls than the upstream bears', 1000))
      }
      if (left === waiter) return
      if (signal.aborted) gone()
      else signal.addEventListener('abort', gone, { once: true })
    })
  }

  /** Lets those in who wait, as far as there is room. */
  #serve(): void {
    while (this.#limit.hasRoom) {
      const next = this.#queue.shift()
      if (next === undefined) return
      const closedMs = this.#breaker === undefined ? 0 : this.#breaker.enter(performance.now())
      if (closedMs === 0) {
        this.#limit.begin()
        next.settle(undefined)
      } else {
        this.counts.add('breaker', next.kind, false)
        next.settle(overloaded('the upstream is left alone until it has recovered', closedMs))
      }
    }
  }
}

/** Who comes again does so in one to two seconds at the earliest, not all at the same moment. */
export function overloaded(reason: string, retryMs: number): Denial {
  const seconds = Math.max(1, Math.ceil(retryMs / 1000)) + (Math.random() < 0.5 ? 0 : 1)
  return deny('LIMIT_OVERLOAD', check, reason, { fields: ['Retry-After', String(seconds)] })
}

const broken: ReadonlySet<string> = new Set(['FORWARD_UNREACHABLE', 'FORWARD_TIMEOUT', 'FORWARD_MALFORMED'])

/** What a call's end says of the upstream; a caller who left, or sent a broken body, says nothing. */
function verdictOf(call: Inspected, answer: Answer | Denial | undefined): boolean | undefined {
  if (answer === undefined) return undefined
  if (!isDenied(answer)) return answer.status < 502 || answer.status > 504
  if (!broken.has(answer.code)) return undefined
  return call.signal.aborted ? undefined : false
}
