import { parseTemplate, type Segment } from './template.ts'

/** Values of path parameters that are put in the place of what a path has; others stay as they are written. */
export type PathRewriter = (path: string, values: ReadonlyMap<string, string>) => string | undefined

/** What no canonical path can hold, however it is encoded; see the canonical form of listen. */
const ambiguous = /%(?:2F|5C|00|25[0-9A-F]{2}|2E)/i
const control = /%(?:[01][0-9A-F]|7F)/

/** A value as one segment of a canonical path; undefined where it cannot be one: empty, a dot segment, with a slash. */
function encodeSegment(value: string): string | undefined {
  if (value === '' || value === '.' || value === '..' || !value.isWellFormed()) return undefined
  const text = encodeURIComponent(value)
  return ambiguous.test(text) || control.test(text) ? undefined : text
}

/**
 * Compiles the writer of a template's paths: the same canonical form that is routed, with some parameters replaced.
 * Undefined where a value cannot stand in a path.
 */
export function compileRewriter(template: string): PathRewriter | undefined {
  const segments = parseTemplate(template)
  if (typeof segments === 'string') return undefined
  return (path, values) => {
    const parts = path.slice(1).split('/')
    if (parts.length !== segments.length) return undefined
    for (let i = 0; i < segments.length; i++) {
      const written = rewriteSegment(segments[i] as Segment, parts[i] as string, values)
      if (written === undefined) return undefined
      parts[i] = written
    }
    return `/${parts.join('/')}`
  }
}

function rewriteSegment(
  segment: Segment,
  part: string,
  values: ReadonlyMap<string, string>,
): string | undefined {
  if (segment.kind === 'literal') return part
  if (segment.kind === 'parameter') {
    const value = values.get(segment.name)
    return value === undefined ? part : encodeSegment(value)
  }
  if (!segment.names.some((name) => values.has(name))) return part
  let text = segment.literals[0] as string
  for (const [i, name] of segment.names.entries()) {
    const value = values.get(name)
    if (value === undefined) return undefined
    text += value + (segment.literals[i + 1] as string)
  }
  return encodeSegment(text)
}
