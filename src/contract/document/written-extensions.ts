import type { DeclaredOperation } from '../declared.ts'
import { memberOf } from '../objects/object-ids.ts'
import { isObject, type JsonObject, own, pointerToken, type Schema } from '../schema.ts'
import type { DocumentReader, Located } from './document.ts'
import { type Extension, extensionOf, type WrittenExtension } from './extension.ts'
import { componentsOf } from './read-security.ts'
import { quoted } from './report.ts'

/** The rules that operations and their parameters hold. */
export function operationExtensions(declared: readonly DeclaredOperation[]): readonly WrittenExtension[] {
  const found: WrittenExtension[] = []
  const parameters = new Map<JsonObject, WrittenExtension & { operations: string[] }>()
  for (const operation of declared) {
    const { extensionAt } = operation
    if (extensionAt !== undefined)
      found.push({ ...extensionAt, on: 'operation', name: operation.id, operations: [operation.id] })
    for (const parameter of operation.parameters) {
      const { extension } = parameter
      if (extension === undefined) continue
      const name = `${parameter.in}${memberOf(parameter.name)}`
      const known = parameters.get(extension.value)
      if (known === undefined)
        parameters.set(extension.value, { ...extension, on: 'parameter', name, operations: [operation.id] })
      else known.operations.push(operation.id)
    }
  }
  return [...found, ...parameters.values()]
}

/** The rules that component schemas and their properties hold; a schema's `properties` are those of its properties. */
export function schemaExtensions(
  reader: DocumentReader,
  named: ReadonlyMap<string, Schema>,
): readonly WrittenExtension[] {
  const components = componentsOf(reader)
  if (components === undefined) return []
  const found: WrittenExtension[] = []
  for (const [name, schema] of named) {
    if (!isObject(schema)) continue
    const at = { ...components, node: schema, pointer: `${components.pointer}/schemas/${pointerToken(name)}` }
    const properties = new Map<string, Extension>()
    const add = (property: string, extension: Extension): void => {
      if (properties.has(property))
        reader.error('contract.extension', `${quoted(property)} of ${quoted(name)} has two rules`, at)
      properties.set(property, extension)
    }
    const own = extensionOf(at)
    if (own !== undefined) {
      const { properties: map, ...value } = withoutMark(own.value)
      if (isObject(map))
        for (const property of Object.keys(map)) add(property, memberExtension(own, map, property))
      else if (map !== undefined)
        reader.error('contract.extension', '`properties` must be an object', at, '/x-sallyport/properties')
      found.push({ ...own, value, on: 'schema', name, operations: [] })
    }
    for (const part of partsOf(at))
      for (const { name: property, value, pointer } of reader.entries(part, 'properties', '`properties`')) {
        const extension = isObject(value) ? extensionOf({ ...part, node: value, pointer }) : undefined
        if (extension !== undefined) add(property, { ...extension, value: withoutMark(extension.value) })
      }
    for (const [property, extension] of properties)
      if (!isTypeOnly(extension.value))
        found.push({ ...extension, on: 'property', name: `${name}.${property}`, operations: [] })
  }
  return found
}

/** `{ object: booking }` says of which type an id is, and what is marked `sensitive` needs no rule. */
function isTypeOnly(value: JsonObject): boolean {
  const keys = Object.keys(value)
  return keys.length === 0 || (keys.every((key) => key === 'object') && typeof value['object'] === 'string')
}

/** The rule without the mark that the schema itself reads; one that is no mark stays, and is refused. */
function withoutMark(value: JsonObject): JsonObject {
  if (typeof value['sensitive'] !== 'boolean') return value
  const { sensitive: _mark, ...rule } = value
  return rule
}

/** The schema itself, and what it is put together from in place. */
function partsOf(at: Located): readonly Located[] {
  const parts = own(at.node, 'allOf')
  if (!Array.isArray(parts)) return [at]
  return [
    at,
    ...parts.flatMap((node, i): Located[] =>
      isObject(node) && own(node, '$ref') === undefined
        ? [{ ...at, node, pointer: `${at.pointer}/allOf/${i}` }]
        : [],
    ),
  ]
}

function memberExtension(extension: Extension, map: JsonObject, property: string): Extension {
  const value = map[property]
  const below = `/properties/${pointerToken(property)}`
  return {
    node: extension.node,
    // What is no object fails where rules are read, with this place.
    value: isObject(value) ? value : { properties: value },
    place: (rest) => extension.place(below + rest),
  }
}
