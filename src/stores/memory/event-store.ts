import type { AuditEvent } from '../../kernel/event.ts'
import { nobody } from '../../kernel/event.ts'
import { passesFilter } from '../../kernel/passes-filter.ts'
import type { EventStore } from '../../kernel/ports.ts'

interface Kept {
  readonly seq: number
  readonly event: AuditEvent
  readonly line: string
}

/** Audit events in memory, the newest `limit` of them (10,000): for tests, and gateways without a database. */
export function createMemoryEventStore(limit = 10_000): EventStore {
  let kept: Kept[] = []
  let seq = 0
  return {
    async append(events, lines) {
      for (const [i, event] of events.entries())
        kept.push({ seq: ++seq, event, line: lines?.[i] ?? JSON.stringify(event) })
      // Trimmed when twice as long, so that a batch costs the batch and not the whole list.
      if (kept.length > limit * 2) kept = kept.slice(-limit)
    },
    async query(filter, most, before) {
      if (before !== undefined && !/^\d{1,15}$/.test(before)) return { events: [], next: undefined }
      const first = Math.max(0, kept.length - limit)
      const found: Kept[] = []
      for (let i = kept.length - 1; i >= first && found.length <= most; i--) {
        const one = kept[i] as Kept
        if ((before === undefined || one.seq < Number(before)) && passesFilter(one.event, filter))
          found.push(one)
      }
      const page = found.slice(0, most)
      return {
        events: page.map(({ event }) => event),
        next: found.length > most ? String(page.at(-1)?.seq ?? 0) : undefined,
      }
    },
    async *lines(filter) {
      for (const { event, line } of kept.slice(-limit)) if (passesFilter(event, filter)) yield line
    },
    async erase({ issuer, sub }, erase) {
      let count = 0
      kept = kept.map((one) => {
        if (one.event.issuer !== issuer || one.event.sub !== sub) return one
        const line = erase(one.line)
        if (line === undefined) return one
        count++
        return { seq: one.seq, event: readEvent(line), line }
      })
      return count
    },
    async close() {
      kept = []
    },
  }
}

/** An event of a line, also of one that was erased. */
function readEvent(line: string): AuditEvent {
  return { ...nobody, ...(JSON.parse(line) as AuditEvent) }
}
