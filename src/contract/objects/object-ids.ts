import type { DeclaredOperation } from '../declared.ts'
import type { Schema } from '../schema.ts'
import type { SchemaStore } from '../schemas/schema-store.ts'
import type { IdPlace, IdShape, ObjectIds, OperationIds, UnsureId, WrittenPlace } from './id-map.ts'
import { typeParameters } from './id-parameters.ts'
import { IdShapes } from './id-shapes.ts'
import { KnownTypes } from './known-types.ts'

/**
 * Derives object types and the places of their ids from names, schemas, references, links and paths. Every place has a
 * confidence and a reason; what only resembles an id is listed as unsure instead of being taken for one silently.
 */
export function deriveObjectIds(
  declared: readonly DeclaredOperation[],
  named: ReadonlyMap<string, Schema>,
  store: SchemaStore,
  firstSlot: number,
  written: readonly WrittenPlace[] = [],
): ObjectIds {
  const types = new KnownTypes(declared, named, store, written)
  const shapes = new IdShapes(named, store, types, written)
  const operations = new Map<number, OperationIds>()
  const counts = new Map<string, number>()
  const unsure: UnsureId[] = []
  const typed = declared.map((operation) => typeParameters(operation, types))
  for (const [i, operation] of declared.entries()) shapes.prepare(operation, typed[i] ?? [])
  shapes.settle()
  const made = declared.map((operation, i) => shapes.operation(operation, firstSlot + i, typed[i] ?? []))
  for (const [i, operation] of declared.entries()) {
    const slot = firstSlot + i
    const parameters = typed[i] ?? []
    operations.set(slot, withPatched(made[i] as OperationIds, operation, declared, made))
    for (const type of new Set(parameters.map((one) => one.type)))
      counts.set(type, (counts.get(type) ?? 0) + 1)
    for (const one of parameters)
      if (one.confidence === 'guess') {
        const place = `${one.in}${memberOf(one.name)}`
        unsure.push({
          slot,
          place,
          line: `${one.type}: { ids: [${JSON.stringify(place)}] }`,
          reason: one.reason,
        })
      }
  }
  return {
    types: counts,
    operations,
    unsure,
    places: (slot) => {
      const ids = operations.get(slot)
      return ids === undefined ? [] : listPlaces(ids, declared[slot - firstSlot])
    },
  }
}

/** A JSON Patch changes what the GET of the same path shows. */
function withPatched(
  ids: OperationIds,
  operation: DeclaredOperation,
  declared: readonly DeclaredOperation[],
  made: readonly OperationIds[],
): OperationIds {
  if (operation.body?.media.some(({ range }) => range === 'application/json-patch+json') !== true) return ids
  const reader = declared.findIndex((one) => one.method === 'GET' && one.template === operation.template)
  return { ...ids, patched: made[reader]?.reply(200) ?? ids.reply(200) ?? ids.body }
}

/** `.bookingId`, or `["booking-id"]` where the name is no identifier. */
export function memberOf(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
}

const maxPlaces = 500

function listPlaces(ids: OperationIds, operation: DeclaredOperation | undefined): IdPlace[] {
  const { slot } = ids
  const places: IdPlace[] = ids.parameters.map(({ type, confidence, reason, in: where, name }) => ({
    type,
    confidence,
    reason,
    slot,
    place: `${where}${memberOf(name)}`,
  }))
  const roots: [string, IdShape][] = []
  if (ids.body !== undefined) roots.push(['body', ids.body])
  for (const { status } of operation?.responses ?? []) {
    const shape = ids.reply(Number(status.replace('XX', '00')) || 0)
    if (shape !== undefined) roots.push([`reply ${status}`, shape])
  }
  for (const [name, mark] of ids.replyFields) places.push({ ...mark, slot, place: `reply header ${name}` })
  for (const root of roots) {
    const seen = new Set<IdShape>()
    const queue = [root]
    for (let next = queue.shift(); next !== undefined && places.length < maxPlaces; next = queue.shift()) {
      const [pointer, shape] = next
      if (shape.id !== undefined) places.push({ ...shape.id, slot, place: pointer })
      if (seen.has(shape)) continue
      seen.add(shape)
      for (const [name, child] of shape.members) queue.push([`${pointer}/${name}`, child])
      if (shape.items !== undefined) queue.push([`${pointer}/*`, shape.items])
      if (shape.rest !== undefined) queue.push([`${pointer}/*`, shape.rest])
    }
  }
  return places
}
