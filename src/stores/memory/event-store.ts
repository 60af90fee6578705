import type { AuditEvent } from '../../kernel/event.ts'
import type { EventFilter, EventStore } from '../../kernel/ports.ts'

interface Kept {
  readonly seq: number
  readonly event: AuditEvent
}

/** Audit events in memory, the newest `limit` of them (10,000): for tests, and gateways without a database. */
export function createMemoryEventStore(limit = 10_000): EventStore {
  let kept: Kept[] = []
  let seq = 0
  return {
    async append(events) {
      for (const event of events) kept.push({ seq: ++seq, event })
      // Trimmed when twice as long, so that a batch costs the batch and not the whole list.
      if (kept.length > limit * 2) kept = kept.slice(-limit)
    },
    async query(filter, most, before) {
      if (before !== undefined && !/^\d{1,15}$/.test(before)) return { events: [], next: undefined }
      const first = Math.max(0, kept.length - limit)
      const found: Kept[] = []
      for (let i = kept.length - 1; i >= first && found.length <= most; i--) {
        const one = kept[i] as Kept
        if ((before === undefined || one.seq < Number(before)) && passes(one.event, filter)) found.push(one)
      }
      const page = found.slice(0, most)
      return {
        events: page.map(({ event }) => event),
        next: found.length > most ? String(page.at(-1)?.seq ?? 0) : undefined,
      }
    },
    async close() {
      kept = []
    },
  }
}

function passes(event: AuditEvent, filter: EventFilter): boolean {
  if (filter.since !== undefined && event.time < filter.since) return false
  if (filter.until !== undefined && event.time > filter.until) return false
  for (const name of ['id', 'api', 'operation', 'issuer', 'sub', 'address', 'status', 'code'] as const)
    if (filter[name] !== undefined && event[name] !== filter[name]) return false
  return filter.outcome === undefined || (filter.outcome === 'denied') === (event.code !== undefined)
}
