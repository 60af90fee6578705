import type { QueryPair } from '../../kernel/query.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'

/** Names that reach a prototype in servers that build objects from a query. */
const hostile = /(?:^|[.[])(?:__proto__|constructor|prototype)(?:$|[.[\]])/

/**
 * Decodes a raw query into its pairs (`application/x-www-form-urlencoded`: `&` separates, `+` is a space), in
 * order. `LISTEN_QUERY_AMBIGUOUS` for a bad escape, bytes that are not UTF-8, NUL, or a name such as
 * `__proto__`.
 */
export function parseQuery(query: string): QueryPair[] | Denial {
  const pairs: QueryPair[] = []
  const escaped = query.includes('%') || query.includes('+')
  let start = 0
  while (start <= query.length) {
    const separator = query.indexOf('&', start)
    const end = separator === -1 ? query.length : separator
    if (end > start) {
      const equals = query.indexOf('=', start)
      const cut = equals === -1 || equals > end ? end : equals
      let name: string | undefined = query.slice(start, cut)
      let value: string | undefined = cut === end ? '' : query.slice(cut + 1, end)
      if (escaped) {
        name = decode(name)
        value = decode(value)
        if (name === undefined || value === undefined) return ambiguous('bad escape or not UTF-8')
        if (name.includes('\0') || value.includes('\0')) return ambiguous('NUL')
      }
      if (hostile.test(name)) return ambiguous('name of an object prototype')
      pairs.push({ name, value })
    }
    start = end + 1
  }
  return pairs
}

function decode(text: string): string | undefined {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return undefined
  }
}

function ambiguous(reason: string): Denial {
  return deny('LISTEN_QUERY_AMBIGUOUS', 'listen.query', reason)
}
