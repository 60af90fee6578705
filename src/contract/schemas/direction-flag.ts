import { isObject, type JsonObject, own, type Schema } from '../schema.ts'
import type { SchemaStore } from './schema-store.ts'

/** Keywords that let a property travel in one direction alone (OpenAPI 3.1 §4.8.24). */
export type DirectionFlag = 'readOnly' | 'writeOnly'

/** True where a property's schema carries the flag, itself or through references and `allOf`. */
export function isFlagged(
  schema: Schema | undefined,
  flag: DirectionFlag,
  store: SchemaStore,
  seen: Set<JsonObject> = new Set(),
): boolean {
  if (!isObject(schema) || seen.has(schema)) return false
  seen.add(schema)
  if (own(schema, flag) === true) return true
  if (isFlagged(store.targets.get(schema), flag, store, seen)) return true
  const parts = own(schema, 'allOf')
  return Array.isArray(parts) && parts.some((part: Schema) => isFlagged(part, flag, store, seen))
}

/** Names of the properties of a schema for which `is` holds, those of what it refers to and is made of among them. */
export function collectFlagged(
  node: Schema,
  is: (schema: Schema) => boolean,
  store: SchemaStore,
  names: Set<string>,
  seen: Set<JsonObject>,
): void {
  if (!isObject(node) || seen.has(node)) return
  seen.add(node)
  const properties = own(node, 'properties')
  if (isObject(properties))
    for (const name of Object.keys(properties)) if (is(properties[name] as Schema)) names.add(name)
  const target = store.targets.get(node)
  if (target !== undefined) collectFlagged(target, is, store, names, seen)
  const parts = own(node, 'allOf')
  if (Array.isArray(parts)) for (const part of parts as Schema[]) collectFlagged(part, is, store, names, seen)
}
