import type { Clock } from '../../src/kernel/clock.ts'
import type { RateDecision, RateSpec } from '../../src/kernel/ports.ts'
import { createLeasedRates } from '../../src/stores/redis/leased-rates.ts'
import type { RedisRateStore } from '../../src/stores/redis/rate-store.ts'
import { createModelRateStore } from './model-store.ts'

/** One run: nodes that share a limit over a network. Times in simulated milliseconds. */
export interface Scenario {
  readonly nodes: number
  /** Calls a second that the limit allows; as many may come at once. */
  readonly limit: number
  /** Demand as a multiple of the limit, over all nodes. */
  readonly demand: number
  /** Mean time to the store and back; each trip takes half to twice as long. */
  readonly lagMs: number
  /** 0: each node asks the store for every call. */
  readonly leaseMs: number
  readonly seconds: number
  /** From when to when the first half of the nodes does not reach the store. */
  readonly partition?: readonly [number, number]
  /** When the last node dies, with what it holds. */
  readonly death?: number
  /** Demand comes in bursts, all nodes together, instead of evenly. */
  readonly bursts?: boolean
  /** What leases fear most: every node has one in hand, the budget fills up, then all ask at once. */
  readonly worst?: boolean
  /** Planted, to see that it is noticed: leases come on top of the budget. */
  readonly broken?: boolean
  readonly seed: number
}

export interface Outcome {
  readonly passed: number
  readonly refused: number
  /** Calls that got no answer of the store. */
  readonly faults: number
  /** Most calls beyond `burst + rate × T` in any time T that was looked at; 0 or less: none. */
  readonly overshoot: number
  /** What it may be: of leases nothing; answers of the store that are on their way when an interval begins: `rate × lag`. */
  readonly bound: number
  /** What passed, of what the limit and the demand allow. */
  readonly used: number
  /** Questions to the store for each call. */
  readonly asked: number
}

/** A small generator (Mulberry32), so that a run is the same everywhere. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Simulated time: what happens, in the order in which it does. */
class Time implements Clock {
  #now = 0
  readonly #heap: { readonly at: number; readonly run: () => void }[] = []

  now = (): number => this.#now
  monotonic = (): number => this.#now

  after(ms: number, run: () => void): void {
    const heap = this.#heap
    let at = heap.push({ at: this.#now + ms, run }) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      const [a, b] = [heap[at], heap[parent]]
      if (a === undefined || b === undefined || b.at <= a.at) break
      heap[at] = b
      heap[parent] = a
      at = parent
    }
  }

  /** Lets the next thing happen; false where nothing is left. */
  step(): boolean {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined) return false
    if (heap.length > 0) {
      heap[0] = last
      for (let at = 0; ; ) {
        let least = at
        for (const child of [2 * at + 1, 2 * at + 2])
          if ((heap[child]?.at ?? Number.POSITIVE_INFINITY) < (heap[least]?.at ?? 0)) least = child
        const [a, b] = [heap[at], heap[least]]
        if (least === at || a === undefined || b === undefined) break
        heap[at] = b
        heap[least] = a
        at = least
      }
    }
    this.#now = first.at
    first.run()
    return true
  }
}

/** Runs a scenario in simulated time. */
export async function simulate(scenario: Scenario): Promise<Outcome> {
  const { nodes, limit, demand, lagMs, leaseMs, seconds, seed } = scenario
  const random = createRandom(seed)
  const time = new Time()
  const spec: RateSpec = { rate: limit, windowMs: 1000, burst: limit }
  // The store has a clock of its own, as Redis has.
  const store = createModelRateStore(() => time.now())
  let trips = 0

  const remoteOf = (node: number): RedisRateStore => {
    const unreachable = (): boolean => {
      const { partition } = scenario
      return (
        partition !== undefined && node < nodes / 2 && time.now() >= partition[0] && time.now() < partition[1]
      )
    }
    const trip = <T>(work: () => Promise<T>): Promise<T> => {
      trips++
      return new Promise((resolve, reject) => {
        const half = (lagMs / 2) * (0.5 + 1.5 * random())
        time.after(half, () => {
          if (unreachable()) return time.after(100, () => reject(new Error('store unreachable')))
          const answer = work()
          // An answer is on its way for at most one lag.
          time.after(half, () => resolve(answer))
        })
      })
    }
    return {
      ...store,
      take: (...asked) => trip(() => store.take(...asked)),
      async reserve(key, rate, cost, now, wish) {
        if (scenario.broken !== true) return trip(() => store.reserve(key, rate, cost, now, wish))
        const got = await trip(() => store.reserve(key, rate, cost, now, { ...wish, want: 0 }))
        return { ...got, extra: wish.want }
      },
      charge: (...asked) => trip(() => store.charge(...asked)),
    }
  }

  const remotes = Array.from({ length: nodes }, (_, i) => remoteOf(i))
  const leased = remotes.map((remote) => createLeasedRates(remote, { leaseMs }))
  const passedAt: number[] = []
  let refused = 0
  let faults = 0
  const end = seconds * 1000

  const call = (node: number): void => {
    const taken = leased[node]?.take('k', spec, 1, time.now())
    const settle = (decision: RateDecision | undefined): void => {
      if (decision?.allowed === true) passedAt.push(time.now())
      else refused++
    }
    if (taken instanceof Promise)
      taken.then(settle, () => {
        faults++
      })
    else settle(taken)
  }
  const alive = (node: number): boolean =>
    scenario.death === undefined || node !== nodes - 1 || time.now() < scenario.death
  for (let node = 0; node < nodes; node++) {
    const perMs = (demand * limit) / nodes / 1000
    const next = (): void => {
      if (time.now() >= end || !alive(node)) return
      const { factor, quietMs } = paceOf(scenario, time.now())
      if (quietMs === 0) call(node)
      time.after(quietMs > 0 ? quietMs : -Math.log(1 - random()) / (perMs * factor), next)
    }
    next()
  }
  let steps = 0
  while (time.step()) {
    // What was promised is done before time goes on.
    for (let i = 0; i < 8; i++) await undefined
    if (++steps % 4096 === 0) await new Promise(setImmediate)
  }

  const calls = passedAt.length + refused + faults
  return {
    passed: passedAt.length,
    refused,
    faults,
    overshoot: overshootOf(passedAt, limit),
    bound: Math.ceil((limit * lagMs) / 1000),
    used: passedAt.length / Math.min(limit * (seconds + 1), demand * limit * seconds),
    asked: trips / Math.max(1, calls),
  }
}

/** By how much demand differs from its mean now; `quietMs`: until there is any. */
function paceOf({ bursts, worst, demand }: Scenario, now: number): { factor: number; quietMs: number } {
  if (worst === true) {
    const at = now % 3000
    if (at < 2300) return { factor: 0.9 / demand, quietMs: 0 }
    return at < 2800 ? { factor: 0, quietMs: 2800 - at } : { factor: 20 / demand, quietMs: 0 }
  }
  // A burst: all of two seconds' demand within a tenth of one.
  if (bursts === true)
    return now % 2000 > 100 ? { factor: 0, quietMs: 2000 - (now % 2000) } : { factor: 20, quietMs: 0 }
  return { factor: 1, quietMs: 0 }
}

/** Most calls in any time T beyond `burst + rate × T`, T from a millisecond to all of it: a bucket that may overflow. */
function overshootOf(passedAt: readonly number[], limit: number): number {
  let level = 0
  let last = 0
  let most = Number.NEGATIVE_INFINITY
  for (const at of [...passedAt].sort((a, b) => a - b)) {
    level = Math.max(0, level - ((at - last) * limit) / 1000) + 1
    last = at
    if (level - limit > most) most = level - limit
  }
  return Math.ceil(most)
}
