/** The most that one event may hold of each thing: a hostile call cannot make a large record. */
export const bounds = {
  /** Characters of a path. */
  path: 2048,
  /** Characters of a reason. */
  reason: 512,
  /** Characters of any other text: ids, names, subjects, addresses. */
  text: 256,
  method: 32,
  notes: 64,
  objects: 64,
  /** Scopes, and roles. */
  words: 64,
  stages: 16,
} as const

/** The text, shortened to `most` characters with `…` at its end; never half a surrogate pair. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text
  return `${text.slice(0, most - 1).toWellFormed()}…`
}
