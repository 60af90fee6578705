import type { IdShape } from './id-map.ts'

/** Types of the ids anywhere in a shape, those that are only guessed left out. */
export function typesIn(shape: IdShape | undefined): ReadonlySet<string> {
  const types = new Set<string>()
  const seen = new Set<IdShape>(shape === undefined ? [] : [shape])
  for (const one of seen) {
    if (one.id !== undefined && one.id.confidence !== 'guess') types.add(one.id.type)
    for (const child of one.members.values()) seen.add(child)
    if (one.items !== undefined) seen.add(one.items)
    if (one.rest !== undefined) seen.add(one.rest)
  }
  return types
}
