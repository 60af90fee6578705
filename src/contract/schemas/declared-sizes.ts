import type { DeclaredSizes } from '../../kernel/operation.ts'
import { eachSubschema, isObject, type JsonObject, own, type Schema } from '../schema.ts'
import type { SchemaStore } from './schema-store.ts'

/** UTF-16 units that one character may take in JSON: a pair of `\\uXXXX`. */
const unitsPerCharacter = 12

/** The largest sizes that a schema speaks of, at any depth: what it lets in by number is no abuse. */
export function declaredSizesOf(schema: Schema | undefined, store: SchemaStore): DeclaredSizes {
  let keys = 0
  let items = 0
  let string = 0
  const seen = new Set<JsonObject>()
  const waiting: JsonObject[] = isObject(schema) ? [schema] : []
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    const properties = own(node, 'properties')
    keys = Math.max(
      keys,
      sizeOf(node, 'maxProperties'),
      isObject(properties) ? Object.keys(properties).length : 0,
    )
    items = Math.max(items, sizeOf(node, 'maxItems'), sizeOf(node, 'minItems'))
    string = Math.max(string, sizeOf(node, 'maxLength') * unitsPerCharacter)
    const visit = (one: Schema | undefined): void => {
      if (isObject(one)) waiting.push(one)
    }
    visit(store.targets.get(node))
    eachSubschema(node, false, visit)
  }
  return { keys, items, string }
}

function sizeOf(node: JsonObject, keyword: string): number {
  const value = own(node, keyword)
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}
