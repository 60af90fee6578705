import type { AuditEvent } from '../../kernel/event.ts'
import { Histogram } from './histogram.ts'
import { Top } from './top.ts'

/** Keys kept of each kind in one slot. */
const mostKeys = 200

/** What is counted of the calls of one stretch of time. */
export class Slot {
  allowed = 0
  denied = 0
  observed = 0
  errors = 0
  readonly stages: Map<string, number> = new Map()
  readonly gateway: Histogram = new Histogram()
  readonly total: Histogram = new Histogram()
  readonly callers: Top = new Top(mostKeys)
  readonly operations: Top = new Top(mostKeys)

  add(event: AuditEvent): void {
    const isDenied = event.code !== undefined
    if (event.code === undefined) this.allowed++
    else {
      this.denied++
      const stage = stageOf(event.code)
      this.stages.set(stage, (this.stages.get(stage) ?? 0) + 1)
    }
    if (!isDenied && event.notes.some((note) => note.observed && note.verdict === 'deny')) this.observed++
    if (event.status >= 500) this.errors++
    this.total.add(event.duration)
    this.gateway.add(ownTimeOf(event))
    if (event.sub !== '') this.callers.add(`${event.issuer}\u0000${event.sub}`, isDenied)
    if (event.operation !== '') this.operations.add(`${event.api}\u0000${event.operation}`, isDenied)
  }

  merge(other: Slot): void {
    this.allowed += other.allowed
    this.denied += other.denied
    this.observed += other.observed
    this.errors += other.errors
    for (const [stage, count] of other.stages) this.stages.set(stage, (this.stages.get(stage) ?? 0) + count)
    this.gateway.merge(other.gateway)
    this.total.merge(other.total)
    this.callers.merge(other.callers)
    this.operations.merge(other.operations)
  }
}

/** `LIMIT_RATE` → `limit` */
function stageOf(code: string): string {
  return code.slice(0, code.indexOf('_')).toLowerCase()
}

/** Milliseconds without waiting for the upstream. */
function ownTimeOf(event: AuditEvent): number {
  let micros = 0
  for (const [stage, time] of event.stages) if (stage !== 'forward') micros += time
  return event.stages.length === 0 ? event.duration : micros / 1000
}
