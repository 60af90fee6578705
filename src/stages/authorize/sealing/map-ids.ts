import type { IdShape } from '../../../contract/objects/id-map.ts'

/** What becomes of the scalars that a walk finds; the value itself where it stays. */
export interface IdMapper {
  id(shape: IdShape, value: unknown, depth: number): unknown
  link(url: string): string
}

/**
 * Puts other values in the place of ids, in place; the value that stands for the whole. The caller learns of changes by
 * what its mapper did. Bounded by the value, which was parsed with a bounded depth.
 */
export function mapIds(shape: IdShape, value: unknown, mapper: IdMapper, depth = 0): unknown {
  if (Array.isArray(value)) {
    if (shape.items !== undefined)
      for (let i = 0; i < value.length; i++) value[i] = mapIds(shape.items, value[i], mapper, depth)
    else if (shape.id !== undefined) return mapper.id(shape, value, depth)
    return value
  }
  if (typeof value !== 'object' || value === null) {
    if (shape.id !== undefined) return mapper.id(shape, value, depth)
    return shape.link && typeof value === 'string' ? mapper.link(value) : value
  }
  // An expanded reference: the object in the place of its id.
  if (shape.members.size === 0 && shape.rest === undefined)
    return shape.id === undefined ? value : mapper.id(shape, value, depth)
  const record = value as Record<string, unknown>
  for (const [name, child] of shape.members)
    if (Object.hasOwn(record, name)) record[name] = mapIds(child, record[name], mapper, depth + 1)
  if (shape.rest !== undefined)
    for (const name of Object.keys(record))
      if (!shape.members.has(name)) record[name] = mapIds(shape.rest, record[name], mapper, depth + 1)
  return value
}
