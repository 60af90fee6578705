import { Caller, type Seen } from './caller.ts'

export interface FloodOptions {
  readonly port: number
  readonly path: string
  /** What the upstream can serve, calls a second. */
  readonly capacity: number
  readonly seconds: { readonly before: number; readonly flood: number; readonly after: number }
}

/** One phase, as the good callers saw it and as the greedy ones did. Calls a second, milliseconds. */
export interface Phase {
  readonly name: 'before' | 'flood' | 'after'
  readonly offered: number
  readonly good: Side
  readonly greedy: Side
}

export interface Side {
  readonly offered: number
  readonly served: number
  readonly shed: number
  readonly failed: number
  readonly p50: number
  readonly p99: number
  /** Time until a refusal. */
  readonly refusedP50: number
}

export interface FloodResult {
  readonly phases: readonly Phase[]
  /** Milliseconds after the flood until a quarter of a second in which every good call was served. */
  readonly recoveredMs: number
}

const goodCallers = 32
const greedyCallers = 4

/**
 * Thirty-two good callers ask for four fifths of the capacity, together; then four greedy ones, in addition, for so much
 * that five times the capacity is asked for; then the good ones alone again. Each good caller stays within an even share
 * of the capacity among all thirty-six.
 */
export async function flood(options: FloodOptions): Promise<FloodResult> {
  const { port, path, capacity, seconds } = options
  const good = Array.from(
    { length: goodCallers },
    (_, i) => new Caller({ port, path, address: `127.0.1.${i + 1}`, connections: 4 }),
  )
  const greedy = Array.from(
    { length: greedyCallers },
    (_, i) => new Caller({ port, path, address: `127.0.2.${i + 1}`, connections: 160 }),
  )
  const run = async (length: number): Promise<void> => {
    const end = performance.now() + length * 1000
    for (let now = performance.now(); now < end; now = performance.now()) {
      for (const caller of good) caller.tick(now)
      for (const caller of greedy) caller.tick(now)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }
  const each = (0.8 * capacity) / goodCallers
  const greed = (5 * capacity - 0.8 * capacity) / greedyCallers
  try {
    await new Promise((resolve) => setTimeout(resolve, 200))
    for (const caller of good) caller.pace(each)
    await run(1)
    for (const caller of good) caller.take()
    const phases: Phase[] = []
    const measure = async (name: Phase['name'], length: number): Promise<void> => {
      await run(length)
      phases.push(phaseOf(name, length, good, greedy))
    }
    await measure('before', seconds.before)
    for (const caller of greedy) caller.pace(greed)
    // Replies that are on their way when the flood begins or ends belong to neither side of it: the first second counts
    // for how long calls took, not for how many were served.
    await run(1)
    for (const caller of [...good, ...greedy]) caller.forgetCounts()
    await measure('flood', seconds.flood)
    for (const caller of greedy) caller.close()
    const ended = performance.now()
    let recoveredMs = Number.POSITIVE_INFINITY
    for (let i = 0; i < 40 && recoveredMs === Number.POSITIVE_INFINITY; i++) {
      await run(0.25)
      const seen = good.map((caller) => caller.take())
      const served = seen.reduce((sum, one) => sum + one.good, 0)
      const lost = seen.reduce((sum, one) => sum + one.shed + one.failed, 0)
      if (lost === 0 && served >= each * goodCallers * 0.25 * 0.9)
        recoveredMs = performance.now() - ended - 250
    }
    await measure('after', seconds.after)
    return { phases, recoveredMs }
  } finally {
    for (const caller of [...good, ...greedy]) caller.close()
  }
}

function phaseOf(
  name: Phase['name'],
  seconds: number,
  good: readonly Caller[],
  greedy: readonly Caller[],
): Phase {
  const one = sideOf(good, seconds)
  const other = sideOf(greedy, seconds)
  return { name, offered: one.offered + other.offered, good: one, greedy: other }
}

function sideOf(callers: readonly Caller[], seconds: number): Side {
  const seen: Seen[] = callers.map((caller) => caller.take())
  const sum = (read: (one: Seen) => number): number =>
    seen.reduce((total, one) => total + read(one), 0) / seconds
  const latencies = seen.flatMap((one) => one.latencies).sort((a, b) => a - b)
  const refusals = seen.flatMap((one) => one.refusals).sort((a, b) => a - b)
  const at = (sorted: readonly number[], share: number): number =>
    sorted[Math.floor(sorted.length * share)] ?? 0
  return {
    offered: sum((one) => one.sent),
    served: sum((one) => one.good),
    shed: sum((one) => one.shed),
    failed: sum((one) => one.failed),
    p50: at(latencies, 0.5),
    p99: at(latencies, 0.99),
    refusedP50: at(refusals, 0.5),
  }
}
