import type { AuditEvent } from '../../kernel/event.ts'
import type { OverviewReply, OverviewWindow } from '../contract.ts'
import { countedCallOf } from './counted-call.ts'
import { Slot } from './slot.ts'

/** What `overview` says of the calls; the rest of the reply comes from elsewhere. */
export type TrafficView = Omit<OverviewReply, 'openFindings' | 'posture'>

/** Calls of the last day in memory, so that no window costs a query: 9 MB at most, about 2 µs an event. */
export interface Traffic {
  /** Counts an event, also one of before; what is no call is left out. */
  observe(event: AuditEvent): void
  /** Everything since then was counted (milliseconds since the epoch). */
  complete(since: number): void
  view(window: OverviewWindow, now: number): TrafficView
}

interface Ring {
  readonly stepMs: number
  readonly count: number
  /** By number of the stretch since the epoch, modulo `count`. */
  readonly slots: ({ readonly number: number; readonly slot: Slot } | undefined)[]
}

const windows: Readonly<Record<OverviewWindow, { readonly stepMs: number; readonly count: number }>> = {
  '15m': { stepMs: 15_000, count: 60 },
  '1h': { stepMs: 60_000, count: 60 },
  '24h': { stepMs: 900_000, count: 96 },
}
const shown = 10

/** `since`: from when on events are observed. */
export function createTraffic(since: number): Traffic {
  const rings = new Map<OverviewWindow, Ring>()
  for (const window of ['15m', '1h', '24h'] as const)
    rings.set(window, { ...windows[window], slots: new Array(windows[window].count).fill(undefined) })
  const all = [...rings.values()]
  let from = since

  function slotIn({ stepMs, count, slots }: Ring, time: number): Slot | undefined {
    const number = Math.floor(time / stepMs)
    const at = number % count
    const known = slots[at]
    if (known !== undefined && known.number >= number) return known.number === number ? known.slot : undefined
    const slot = new Slot()
    slots[at] = { number, slot }
    return slot
  }

  return {
    observe(event) {
      if (!isCall(event)) return
      const call = countedCallOf(event)
      for (const ring of all) slotIn(ring, event.time)?.add(call)
    },
    complete(earlier) {
      from = Math.min(from, earlier)
    },
    view(window, now) {
      const ring = rings.get(window)
      const { stepMs, count } = windows[window]
      const last = Math.floor(now / stepMs)
      const sum = new Slot()
      const buckets = []
      for (let number = last - count + 1; number <= last; number++) {
        const found = ring?.slots[number % count]
        const slot = found?.number === number ? found.slot : undefined
        if (slot !== undefined) sum.merge(slot)
        buckets.push({
          at: new Date(number * stepMs).toISOString(),
          allowed: slot?.allowed ?? 0,
          denied: slot?.denied ?? 0,
          observed: slot?.observed ?? 0,
          errors: slot?.errors ?? 0,
        })
      }
      return {
        at: new Date(now).toISOString(),
        windowSeconds: (stepMs * count) / 1000,
        bucketSeconds: stepMs / 1000,
        buckets,
        refusalsByStage: [...sum.stages]
          .map(([stage, number]) => ({ stage, count: number }))
          .sort((a, b) => b.count - a.count),
        latency: { gateway: sum.gateway.percentiles(), total: sum.total.percentiles() },
        topCallers: sum.callers.first(shown).map(([key, tally]) => {
          const [issuer = '', sub = ''] = split(key)
          return { sub, issuer, ...tally }
        }),
        topOperations: sum.operations.first(shown).map(([key, tally]) => {
          const [api = '', operation = ''] = split(key)
          return { api, operation, ...tally }
        }),
        partial: from > (last - count + 1) * stepMs,
      }
    },
  }
}

/** Sign-ins, findings and administration are on record too, but are no calls. */
function isCall({ api, operation }: AuditEvent): boolean {
  return api !== 'sallyport' && !operation.startsWith('account.') && operation !== 'gateway.stopped'
}

function split(key: string): [string, string] {
  const cut = key.indexOf('\u0000')
  return [key.slice(0, cut), key.slice(cut + 1)]
}
