import { escapeUnsafe } from '../line.ts'
import { ocsfEventOf } from '../ocsf/ocsf-event.ts'
import type { EventBatch } from '../sink.ts'

/** `events`: our own chained lines, which `sallyport log verify` reads. `ocsf`: OCSF events, which collectors read. */
export type LineFormat = 'events' | 'ocsf'

/** The lines of a batch as a sink writes them. `version` is that of the product. */
export function linesIn(format: LineFormat, version: string): (batch: EventBatch) => readonly string[] {
  if (format === 'events') return (batch) => batch.lines
  return (batch) => batch.events.map((event) => escapeUnsafe(JSON.stringify(ocsfEventOf(event, version))))
}
