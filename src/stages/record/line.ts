/**
 * What JSON lets stand raw and a terminal, a log viewer or a script would obey: DEL and C1 controls, line and
 * paragraph separators, directional marks (CWE-117, CVE-2021-42574), zero-width characters and the BOM.
 */
const unsafe = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/
const allUnsafe = new RegExp(unsafe.source, 'g')

/**
 * JSON text with such characters escaped: they can only stand inside strings, so it stays the same value, and one line.
 */
export function escapeUnsafe(json: string): string {
  return unsafe.test(json) ? json.replace(allUnsafe, escapeOf) : json
}

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
