/** Any JSON object of a document. Read it with `own`: a document's keys are the author's, not ours. */
export type JsonObject = Record<string, unknown>

/** A JSON Schema in 2020-12 form, as it stands in the document. */
export type Schema = JsonObject | boolean

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'boolean' || isObject(value)
}

/** An own property, never one of the prototype. */
export function own(node: JsonObject, key: string): unknown {
  return Object.hasOwn(node, key) ? node[key] : undefined
}

/** Escapes one reference token of a JSON pointer (RFC 6901). */
export function pointerToken(key: string | number): string {
  return typeof key === 'number' ? String(key) : key.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** Keywords whose value is one schema. */
export const schemaKeywords: readonly string[] = [
  'additionalProperties',
  'unevaluatedProperties',
  'items',
  'unevaluatedItems',
  'contains',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
  'contentSchema',
]

/** Keywords whose value is a list of schemas. */
export const schemaListKeywords: readonly string[] = ['allOf', 'anyOf', 'oneOf', 'prefixItems']

/** Keywords whose value maps names to schemas. */
export const schemaMapKeywords: readonly string[] = [
  'properties',
  'patternProperties',
  'dependentSchemas',
  '$defs',
  'definitions',
]

/** Calls back with each direct subschema and its pointer below the node; `legacy` adds what drafts before 2019-09 had. */
export function eachSubschema(
  node: JsonObject,
  legacy: boolean,
  visit: (schema: Schema, pointer: string) => void,
): void {
  for (const keyword in node) {
    const kind = subschemas.get(keyword)
    if (kind === undefined || (kind.legacy && !legacy)) continue
    const value = node[keyword]
    if (Array.isArray(value)) {
      if (kind.form === 'map' || (keyword === 'items' && !legacy)) continue
      for (let i = 0; i < value.length; i++) if (isSchema(value[i])) visit(value[i], `/${keyword}/${i}`)
    } else if (kind.form === 'map') {
      if (!isObject(value)) continue
      for (const name of Object.keys(value)) {
        const child = value[name]
        if (isSchema(child)) visit(child, `/${keyword}/${pointerToken(name)}`)
      }
    } else if (kind.form === 'one' && isSchema(value)) visit(value, `/${keyword}`)
  }
}

interface SubschemaKeyword {
  readonly form: 'one' | 'list' | 'map'
  readonly legacy: boolean
}

const subschemas: ReadonlyMap<string, SubschemaKeyword> = new Map<string, SubschemaKeyword>([
  ...schemaKeywords.map((k) => [k, { form: 'one', legacy: false }] as const),
  ...schemaListKeywords.map((k) => [k, { form: 'list', legacy: false }] as const),
  ...schemaMapKeywords.map((k) => [k, { form: 'map', legacy: false }] as const),
  ['additionalItems', { form: 'one', legacy: true }],
  ['dependencies', { form: 'map', legacy: false }],
])
