import type { IdShape, ParameterId } from '../../../contract/objects/id-map.ts'
import type { Call } from '../../../expression/scene.ts'

/** What stands where an id belongs and is none: an object, a list, a truth value. */
export const noId: unique symbol = Symbol('no id')

/** A scalar as the upstream reads an id: texts as they are, integers in decimal; undefined for null. */
export function idText(value: unknown): string | typeof noId | undefined {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return undefined
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number')
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? noId : String(value)
  return noId
}

/** Every id in a parameter of a call; none where the parameter is absent. */
export function readParameter(call: Call, parameter: ParameterId, found: (id: string) => void): void {
  const { name, separator } = parameter
  const each = (value: string): void => {
    if (separator === undefined) found(value)
    else for (const part of value.split(separator)) found(part)
  }
  switch (parameter.in) {
    case 'path': {
      const value = call.params[name]
      if (value !== undefined) each(value)
      return
    }
    case 'query':
      for (const pair of call.pairs) if (isNamed(pair.name, name)) each(pair.value)
      return
    case 'header':
      for (const value of call.fields.all(name)) each(value.trim())
      return
    case 'cookie':
      for (const field of call.fields.all('cookie'))
        for (const pair of field.split(';')) {
          const equals = pair.indexOf('=')
          if (equals >= 0 && pair.slice(0, equals).trim() === name) each(pair.slice(equals + 1).trim())
        }
  }
}

/** What a walk along a value finds. `owner`: the value of the member that names the owner of the object around the id. */
export interface IdVisitor {
  id(shape: IdShape, value: unknown, depth: number, owner: unknown): void
  link?(url: string, shape: IdShape): void
}

/** Walks a value along a shape. Bounded by the value, which was parsed with a bounded depth. */
export function walkIds(
  shape: IdShape,
  value: unknown,
  visitor: IdVisitor,
  depth = 0,
  owner?: unknown,
): void {
  if (Array.isArray(value)) {
    if (shape.items !== undefined)
      for (const item of value)
        walkIds(shape.items, item, visitor, depth, shape.items.id === undefined ? undefined : owner)
    else if (shape.id !== undefined) visitor.id(shape, value, depth, owner)
    return
  }
  if (typeof value !== 'object' || value === null) {
    if (shape.id !== undefined) visitor.id(shape, value, depth, owner)
    else if (shape.link && typeof value === 'string') visitor.link?.(value, shape)
    return
  }
  if (shape.members.size === 0 && shape.rest === undefined) {
    if (shape.id !== undefined) visitor.id(shape, value, depth, owner)
    return
  }
  const record = value as Record<string, unknown>
  const whose =
    shape.owner === undefined || !Object.hasOwn(record, shape.owner) ? undefined : record[shape.owner]
  for (const [name, child] of shape.members)
    if (Object.hasOwn(record, name)) walkIds(child, record[name], visitor, depth + 1, whose)
  if (shape.rest !== undefined)
    for (const name of Object.keys(record))
      if (!shape.members.has(name)) walkIds(shape.rest, record[name], visitor, depth + 1, whose)
}

/** True for `ids`, and for the elements of a list of that name: `ids[]`, `ids[0]`. */
export function isNamed(written: string, name: string): boolean {
  if (!written.startsWith(name)) return false
  return written.length === name.length || /^\[\d*\]$/.test(written.slice(name.length))
}
