import type { MediaKind } from '../../kernel/operation.ts'

/** How bodies of a media type are read. Streams of events and lines are passed on as they come. */
export function mediaKindOf(type: string): MediaKind {
  if (type === 'application/json' || type === 'text/json' || type.endsWith('+json')) return 'json'
  if (type === 'application/x-www-form-urlencoded') return 'form'
  if (type.startsWith('multipart/')) return 'multipart'
  if (type === 'application/xml' || type === 'text/xml' || type.endsWith('+xml')) return 'xml'
  if (type === 'text/event-stream') return 'binary'
  if (type === 'application/graphql') return 'text'
  return type.startsWith('text/') ? 'text' : 'binary'
}

/** Lower-case type without parameters. */
export function essenceOf(range: string): string {
  const semicolon = range.indexOf(';')
  return (semicolon < 0 ? range : range.slice(0, semicolon)).trim().toLowerCase()
}

/**
 * Finds what is declared for a media type: the exact type, then `type/*`, then the range of all types. What a range declares
 * is made once per kind, since the actual type decides how the body is read.
 */
export function compileMediaFind<T>(
  ranges: readonly string[],
  make: (index: number, kind: MediaKind) => T,
): (mediaType: string) => T | undefined {
  const exact = new Map<string, T>()
  const wide = new Map<string, number>()
  const byKind = new Map<string, T>()
  for (const [index, range] of ranges.entries()) {
    if (range.includes('*')) wide.set(range === '*' ? '*/*' : range, index)
    else if (!exact.has(range)) exact.set(range, make(index, mediaKindOf(range)))
  }
  if (wide.size === 0) return (mediaType) => exact.get(mediaType)
  return (mediaType) => {
    const known = exact.get(mediaType)
    if (known !== undefined) return known
    const index = wide.get(`${mediaType.slice(0, mediaType.indexOf('/'))}/*`) ?? wide.get('*/*')
    if (index === undefined) return undefined
    const kind = mediaKindOf(mediaType)
    const key = `${index} ${kind}`
    let made = byKind.get(key)
    if (made === undefined) {
      made = make(index, kind)
      byKind.set(key, made)
    }
    return made
  }
}
