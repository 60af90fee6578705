import type { IdShape } from '../../contract/objects/id-map.ts'
import { hasLink, typesIn } from '../../contract/objects/id-types.ts'
import type { Identified } from '../../kernel/facts.ts'
import { parseMediaType } from '../../media/media-type.ts'

/** A value that a JSON Patch writes, with the shape of the place that it is written to. */
export interface PatchedPlace {
  readonly shape: IdShape
  /** The change, whose member `value` is meant. */
  readonly change: { value?: unknown }
}

/** True where the body of a call is a JSON Patch. */
export function isJsonPatch(call: Identified): boolean {
  const raw = call.fields.get('content-type')
  return raw !== undefined && parseMediaType(raw)?.essence === 'application/json-patch+json'
}

/**
 * The values that a JSON Patch (RFC 6902) writes where ids of these types stand. `unreadable`: it is no patch, or it
 * moves or copies to such a place what nobody has judged as an id.
 */
export function patchedPlaces(
  target: IdShape,
  patch: unknown,
  isMeant: (type: string) => boolean,
): readonly PatchedPlace[] | 'unreadable' {
  if (!Array.isArray(patch)) return 'unreadable'
  const places: PatchedPlace[] = []
  for (const change of patch as unknown[]) {
    if (typeof change !== 'object' || change === null) return 'unreadable'
    const { op, path, from } = change as { op?: unknown; path?: unknown; from?: unknown }
    if (typeof path !== 'string') return 'unreadable'
    const shape = shapeAt(target, path)
    if (shape === undefined) continue
    if (!hasLink(shape) && ![...typesIn(shape)].some(isMeant)) continue
    if (op === 'move' || op === 'copy') {
      if (typeof from !== 'string' || shapeAt(target, from) !== shape) return 'unreadable'
    } else if (op !== 'remove') places.push({ shape, change: change as { value?: unknown } })
  }
  return places
}

/** The shape at a JSON pointer; undefined where the contract has no id at or below it. */
function shapeAt(target: IdShape, pointer: string): IdShape | undefined {
  if (pointer === '') return target
  let shape: IdShape | undefined = target
  for (const raw of pointer.slice(1).split('/')) {
    if (shape === undefined) return undefined
    const token: string = raw.replaceAll('~1', '/').replaceAll('~0', '~')
    const items: IdShape | undefined = /^(?:-|\d+)$/.test(token) ? shape.items : undefined
    shape = shape.members.get(token) ?? items ?? shape.rest
  }
  return shape
}
