import type { AuditEvent } from '../../kernel/event.ts'

/**
 * What JSON lets stand raw and a terminal, a log viewer or a script would obey: DEL and C1 controls, line and
 * paragraph separators, directional marks (CWE-117, CVE-2021-42574), zero-width characters and the BOM.
 */
const unsafe = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/
const allUnsafe = new RegExp(unsafe.source, 'g')

/**
 * The event as one line of JSON without its line end. Such characters can only stand inside strings, so
 * escaping them leaves the JSON the same value.
 */
export function lineOf(event: AuditEvent): string {
  const line = JSON.stringify(event)
  return unsafe.test(line) ? line.replace(allUnsafe, escapeOf) : line
}

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
