import type { Arrived } from '../../../kernel/facts.ts'
import type { Denial } from '../../../kernel/verdict.ts'
import type { CallClass } from './call-class.ts'
import { createPressure, type PressureOptions } from './pressure.ts'
import { ShedCounts } from './shed-counts.ts'
import { UpstreamGuard, type UpstreamGuardOptions } from './upstream-guard.ts'

/** Protection of the gateway and of what is behind it, while there is more to do than can be done. */
export interface Overload {
  /** Before the caller is identified; nothing but a comparison while the process keeps up. */
  enter(call: Pick<Arrived, 'client'>, kind: CallClass): Denial | undefined
  /** The guard of an API's upstream. What it has learned outlives a reload unless its options change. */
  guardOf(api: string, options: UpstreamGuardOptions): UpstreamGuard
  configure(options: PressureOptions): void
  readonly pressure: { readonly delayMs: number; readonly memory: number; readonly shed: number }
  readonly guards: ReadonlyMap<string, UpstreamGuard>
  readonly counts: ShedCounts
  close(): void
}

export function createOverload(options: PressureOptions): Overload {
  const counts = new ShedCounts()
  const pressure = createPressure(counts, options)
  const guards = new Map<string, UpstreamGuard>()
  const written = new Map<string, string>()
  return {
    enter: pressure.enter,
    guardOf(api, guard) {
      const text = JSON.stringify(guard)
      let known = guards.get(api)
      if (known === undefined || written.get(api) !== text) {
        known = new UpstreamGuard(guard, counts, () => pressure.now.delayMs)
        guards.set(api, known)
        written.set(api, text)
      }
      return known
    },
    configure: pressure.configure,
    get pressure() {
      return pressure.now
    },
    guards,
    counts,
    close: pressure.close,
  }
}
