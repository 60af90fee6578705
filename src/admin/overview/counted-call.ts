import type { AuditEvent } from '../../kernel/event.ts'
import { binOf } from './histogram.ts'

/** What is counted of one call, read once for all windows. */
export interface CountedCall {
  /** Stage that refused it; undefined where none did. */
  readonly deniedAt: string | undefined
  /** Passed, though a check that only watches would have refused it. */
  readonly observed: boolean
  readonly failed: boolean
  /** Bins of the histograms. */
  readonly total: number
  readonly gateway: number
  /** Issuer and subject; empty for nobody. */
  readonly caller: string
  /** API and operation; empty for none. */
  readonly operation: string
}

export function countedCallOf(event: AuditEvent): CountedCall {
  const { code } = event
  return {
    deniedAt: code === undefined ? undefined : stageOf(code),
    observed: code === undefined && event.notes.some((note) => note.observed && note.verdict === 'deny'),
    failed: event.status >= 500,
    total: binOf(event.duration),
    gateway: binOf(ownTimeOf(event)),
    caller: event.sub === '' ? '' : `${event.issuer}\u0000${event.sub}`,
    operation: event.operation === '' ? '' : `${event.api}\u0000${event.operation}`,
  }
}

/** `LIMIT_RATE` → `limit` */
function stageOf(code: string): string {
  return code.slice(0, code.indexOf('_')).toLowerCase()
}

/** Milliseconds without waiting for the upstream. */
function ownTimeOf({ stages, duration }: AuditEvent): number {
  let micros = 0
  for (const [stage, time] of stages) if (stage !== 'forward') micros += time
  return stages.length === 0 ? duration : micros / 1000
}
