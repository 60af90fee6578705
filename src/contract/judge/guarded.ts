import { isObject, type JsonObject, type Schema } from '../schema.ts'
import { propertyNamesOf } from '../schemas/kinds.ts'
import type { SchemaStore } from '../schemas/schema-store.ts'

/** Guards by property name. */
export type Guards = ReadonlyMap<string, readonly number[]>

/** A component schema and one of its properties. */
export interface SchemaProperty {
  readonly schema: string
  readonly property: string
  /** False where the schema declares no such property. */
  readonly declared: boolean
}

/** Reads `Schema.property`; undefined where no component schema has that name. Names may hold dots themselves. */
export function parseSchemaProperty(
  text: string,
  named: ReadonlyMap<string, Schema>,
  store: SchemaStore,
): SchemaProperty | undefined {
  for (let dot = text.lastIndexOf('.'); dot > 0; dot = text.lastIndexOf('.', dot - 1)) {
    const schema = text.slice(0, dot)
    const node = named.get(schema)
    if (node === undefined) continue
    const property = text.slice(dot + 1)
    return { schema, property, declared: propertyNamesOf(node, store).has(property) }
  }
  return undefined
}

/** The guards of each component schema; a guard's number is its place in the list. */
export function compileGuards(
  guarded: readonly string[],
  named: ReadonlyMap<string, Schema>,
  store: SchemaStore,
): ReadonlyMap<JsonObject, Guards> {
  const byNode = new Map<JsonObject, Map<string, number[]>>()
  for (const [guard, text] of guarded.entries()) {
    const parsed = parseSchemaProperty(text, named, store)
    const node = parsed === undefined ? undefined : named.get(parsed.schema)
    if (parsed === undefined || !isObject(node)) continue
    let guards = byNode.get(node)
    if (guards === undefined) {
      guards = new Map()
      byNode.set(node, guards)
    }
    guards.set(parsed.property, [...(guards.get(parsed.property) ?? []), guard])
  }
  return byNode
}
