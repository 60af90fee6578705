/** A segment of a path template. */
export type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'parameter'; readonly name: string }
  /** `{id}.json`: literals and parameters in turn; `literals` has one more entry than `names`. */
  | { readonly kind: 'mixed'; readonly literals: readonly string[]; readonly names: readonly string[] }

/** Splits a path template into segments. A string is what is wrong with it. */
export function parseTemplate(template: string): readonly Segment[] | string {
  if (!template.startsWith('/')) return 'must begin with `/`'
  if (/[?#]/.test(template)) return 'has a `?` or `#`, which no path can have'
  const segments: Segment[] = []
  const parts = template.slice(1).split('/')
  for (const [i, part] of parts.entries()) {
    if (part === '' && i < parts.length - 1) return 'has an empty segment'
    const segment = parseSegment(part)
    if (typeof segment === 'string') return segment
    if (segment.kind === 'literal' && (segment.text === '.' || segment.text === '..'))
      return 'has a dot segment'
    segments.push(segment)
  }
  return segments
}

/** Parameter names of a template, in order. */
export function namesOf(segments: readonly Segment[]): string[] {
  return segments.flatMap((s) => (s.kind === 'parameter' ? [s.name] : s.kind === 'mixed' ? s.names : []))
}

/** The same for two templates that match the same paths. */
export function shapeOf(segments: readonly Segment[]): string {
  return segments
    .map((s) => (s.kind === 'literal' ? s.text : s.kind === 'parameter' ? '{}' : s.literals.join('{}')))
    .join('/')
}

function parseSegment(text: string): Segment | string {
  const literals: string[] = []
  const names: string[] = []
  let at = 0
  for (;;) {
    const open = text.indexOf('{', at)
    if (open < 0) break
    const close = text.indexOf('}', open)
    const name = text.slice(open + 1, close)
    if (close < 0 || name === '' || name.includes('{')) return 'has a brace that is not closed'
    const before = decoded(text.slice(at, open))
    if (before === undefined) return 'has a percent sign that is not an escape'
    if (names.length > 0 && before === '') return 'has two parameters with nothing between them'
    literals.push(before)
    names.push(name)
    at = close + 1
  }
  const rest = decoded(text.slice(at))
  if (rest === undefined) return 'has a percent sign that is not an escape'
  if (rest.includes('}')) return 'has a brace that is not opened'
  if (names.length === 0) return { kind: 'literal', text: rest }
  literals.push(rest)
  if (names.length === 1 && names[0] !== undefined && literals.every((l) => l === ''))
    return { kind: 'parameter', name: names[0] }
  return { kind: 'mixed', literals, names }
}

function decoded(text: string): string | undefined {
  try {
    return text.includes('%') ? decodeURIComponent(text) : text
  } catch {
    return undefined
  }
}
