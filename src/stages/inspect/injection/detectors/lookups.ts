/** Characters of a lookup that has a value. */
const longest = 200
const named =
  /^\s{0,4}(?:lower|upper|base64|date|marker|map|urldecoder|urlencoder|main|ctx):\s{0,4}'?(.{0,40}?)'?$/

/**
 * Resolves nested Log4j lookups as Log4j would, where their value is known from the text: `${lower:J}` is `j`,
 * `${::-n}` and `${env:NONE:-d}` are their defaults. Innermost first, in one pass.
 */
export function resolveLookups(text: string): string {
  if (!text.includes('}')) return text
  /** What was read after each `${` that is still open; the first is outside of all. */
  const open: string[] = ['']
  let from = 0
  const add = (part: string): void => {
    open[open.length - 1] += part
  }
  for (let at = nextMark(text, 0); at >= 0; at = nextMark(text, from)) {
    add(text.slice(from, at))
    if (text.charCodeAt(at) === 36) {
      open.push('')
      from = at + 2
      continue
    }
    from = at + 1
    const inner = open.length > 1 ? open.pop() : undefined
    if (inner === undefined) add('}')
    else add(meaningOf(inner) ?? `\${${inner}}`)
  }
  return open.join('${') + text.slice(from)
}

/** The next `${` or `}`. */
function nextMark(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === 125 || (unit === 36 && text.charCodeAt(at + 1) === 123)) return at
  }
  return -1
}

/** What a lookup stands for; undefined where that is not known, or what is inside is none. */
function meaningOf(inner: string): string | undefined {
  if (inner.length > longest || /[${}]/.test(inner)) return undefined
  const fallback = inner.indexOf(':-')
  if (fallback >= 0) return inner.slice(fallback + 2)
  return named.exec(inner)?.[1] ?? (inner.startsWith('jndi') ? undefined : '')
}

/** Characters before a lookup, and after its beginning, that what it resolves to may join with. */
const before = 64
const after = 512

/** The parts of a text in which lookups stand, apart from each other. */
export function aroundLookups(text: string): string {
  const parts: string[] = []
  let from = 0
  let to = 0
  for (let at = text.indexOf('${'); at >= 0; at = text.indexOf('${', at + 2)) {
    if (at - before > to) {
      parts.push(text.slice(from, to))
      from = at - before
    }
    to = at + after
  }
  parts.push(text.slice(from, to))
  return parts.join('\n\n\n\n\n\n')
}
