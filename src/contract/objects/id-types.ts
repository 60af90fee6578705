import type { IdShape } from './id-map.ts'

/** Types of the ids anywhere in a shape, those that are only guessed left out. */
export function typesIn(shape: IdShape | undefined): ReadonlySet<string> {
  const types = new Set<string>()
  for (const one of reached(shape))
    if (one.id !== undefined && one.id.confidence !== 'guess') types.add(one.id.type)
  return types
}

/** True where a shape has URLs, which may lead to objects. */
export function hasLink(shape: IdShape | undefined): boolean {
  for (const one of reached(shape)) if (one.link) return true
  return false
}

function reached(shape: IdShape | undefined): Set<IdShape> {
  const seen = new Set<IdShape>(shape === undefined ? [] : [shape])
  for (const one of seen) {
    for (const child of one.members.values()) seen.add(child)
    if (one.items !== undefined) seen.add(one.items)
    if (one.rest !== undefined) seen.add(one.rest)
  }
  return seen
}
