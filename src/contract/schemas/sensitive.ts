import { isObject, type JsonObject, own, type Schema } from '../schema.ts'
import { saysSensitive } from './says-sensitive.ts'
import type { SchemaStore } from './schema-store.ts'

/** True where values of a schema never leave, by what it says itself or through references and `allOf`. */
export function isSensitive(
  schema: Schema | undefined,
  store: SchemaStore,
  seen: Set<JsonObject> = new Set(),
): boolean {
  if (!isObject(schema) || seen.has(schema)) return false
  seen.add(schema)
  const extension = own(schema, 'x-sallyport')
  // `sensitive: false` beside a reference takes back what the reference says.
  if (isObject(extension) && own(extension, 'sensitive') === false) return false
  if (saysSensitive(schema) || isSensitive(store.targets.get(schema), store, seen)) return true
  const parts = own(schema, 'allOf')
  return Array.isArray(parts) && parts.some((part: Schema) => isSensitive(part, store, seen))
}
