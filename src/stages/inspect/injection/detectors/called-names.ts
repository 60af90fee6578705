/** A name before an opening bracket. */
export interface CalledName {
  readonly name: string
  /** Blanks between the name and the bracket. */
  readonly gap: number
  /** The character before the name; empty at the start. */
  readonly before: string
  /** Index of the bracket. */
  readonly at: number
}

const maxCalls = 2_000
const maxName = 40

/** Names that a lower-case text calls, in one pass over its brackets; some thousand at most. */
export function readCalls(lower: string): readonly CalledName[] {
  const calls: CalledName[] = []
  for (let at = lower.indexOf('('); at >= 0 && calls.length < maxCalls; at = lower.indexOf('(', at + 1)) {
    let end = at
    while (end > 0 && at - end < 4 && lower.charCodeAt(end - 1) <= 32) end--
    let start = end
    while (start > 0 && end - start < maxName && isNameUnit(lower.charCodeAt(start - 1))) start--
    if (start === end) continue
    calls.push({ name: lower.slice(start, end), gap: at - end, before: lower.charAt(start - 1), at })
  }
  return calls
}

function isNameUnit(unit: number): boolean {
  return (unit >= 97 && unit <= 122) || (unit >= 48 && unit <= 57) || unit === 95
}
