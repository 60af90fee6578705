import { getHeapStatistics } from 'node:v8'
import type { Arrived } from '../../../kernel/facts.ts'
import { networkOf } from '../../../kernel/network-of.ts'
import type { Denial } from '../../../kernel/verdict.ts'
import type { CallClass } from './call-class.ts'
import { FairShare } from './fair-share.ts'
import type { ShedCounts } from './shed-counts.ts'
import { overloaded } from './upstream-guard.ts'

export interface PressureOptions {
  readonly mode: 'enforce' | 'observe' | 'off'
  /** Milliseconds that the event loop may be late. */
  readonly delayMs: number
  /** Share of the memory that the process may use, 0 to 1. */
  readonly memory: number
}

const tickMs = 50
/** Ticks between two looks at the memory. */
const memoryTicks = 20
/** Calls in a turn up to which a late event loop is none of theirs: something else has the processor. */
const fewCalls = 8

/** How the process itself is doing. */
export interface Pressure {
  /**
   * Sheds calls where the process cannot keep up, at the cost of a comparison where it can: those of the greediest
   * networks first, critical ones last.
   */
  enter(call: Pick<Arrived, 'client'>, kind: CallClass): Denial | undefined
  configure(options: PressureOptions): void
  /** `delayMs`: how late the event loop is; `memory`: share of what may be used; `shed`: share of calls that are shed. */
  readonly now: { readonly delayMs: number; readonly memory: number; readonly shed: number }
  close(): void
}

/** Measures one look at a time; passed in by tests. */
export interface Gauges {
  /** Monotonic ms. */
  time(): number
  /** Share of the memory that may be used, from 0. */
  memory(): number
}

/** Resident memory of what the container or machine has, or the heap of what V8 may take: whichever is fuller. */
function memoryInUse(): number {
  const { used_heap_size: used, heap_size_limit: most } = getHeapStatistics()
  const constrained = process.constrainedMemory()
  const total = constrained > 0 && constrained < Number.MAX_SAFE_INTEGER ? constrained : undefined
  const resident = total === undefined ? 0 : process.memoryUsage.rss() / total
  return Math.max(used / most, resident)
}

const processGauges: Gauges = { time: () => performance.now(), memory: memoryInUse }

/**
 * Watches the event loop and the memory. An event loop that is late twice in a row while calls crowd in is asked for more
 * than it can do: the share of calls that are shed rises until it is in time, and falls by half with every look once it
 * is. Where calls are more than it can do they crowd in ever more, so that few calls are never shed for nothing. Full memory sheds
 * all but critical calls.
 */
export function createPressure(
  counts: ShedCounts,
  first: PressureOptions,
  gauges: Gauges = processGauges,
): Pressure {
  let options = first
  let shed = 0
  let late = 0
  let arrived = 0
  let delayMs = 0
  let memory = 0
  let full = false
  let ticks = 0
  let last = gauges.time()
  const share = new FairShare()

  const tick = (): void => {
    const time = gauges.time()
    delayMs = Math.max(0, time - last - tickMs)
    last = time
    if (ticks++ % memoryTicks === 0) {
      memory = gauges.memory()
      full = memory > options.memory
    }
    late = delayMs > options.delayMs && arrived > fewCalls ? late + 1 : 0
    arrived = 0
    if (late >= 2) shed = Math.min(0.95, shed + Math.min(0.2, 0.1 * (delayMs / options.delayMs)))
    else if (late === 0) shed = shed < 0.05 ? 0 : shed / 2
    share.turn(1 - shed)
  }
  const timer = setInterval(tick, tickMs).unref()

  return {
    enter(call, kind) {
      arrived += 1
      if (shed === 0 && !full) return undefined
      const served = share.admit(networkOf(call.client))
      const reason = full && kind !== 'critical' ? 'memory' : 'event-loop'
      if (reason === 'event-loop') {
        if (shed === 0) return undefined
        if (kind === 'critical' ? shed < 0.9 || served : served && kind !== 'low') return undefined
      }
      const watching = options.mode !== 'enforce'
      counts.add(reason, kind, watching)
      return watching ? undefined : overloaded(`${reason} of the gateway`, 1000)
    },
    configure(next) {
      options = next
    },
    get now() {
      return { delayMs, memory, shed }
    },
    close: () => clearInterval(timer),
  }
}
