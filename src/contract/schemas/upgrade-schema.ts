import { isObject, type JsonObject, own } from '../schema.ts'

/** The language a schema is written in. OpenAPI 2.0 and 3.0 share one, close to draft 4. */
export type Dialect = '2020-12' | 'openapi-3.0' | 'draft-7' | 'draft-4'

const composition = ['allOf', 'anyOf', 'oneOf']
const annotations = [
  'readOnly',
  'writeOnly',
  'deprecated',
  'description',
  'title',
  'default',
  'example',
  'xml',
]

/**
 * Rewrites one schema object into JSON Schema 2020-12, in place; its subschemas are left to the caller.
 * Returns the object that was made where `nullable` had to wrap a composition.
 */
export function upgradeSchema(node: JsonObject, dialect: Dialect): JsonObject | undefined {
  if (dialect === '2020-12') {
    if (Object.hasOwn(node, 'dependencies')) upgradeDependencies(node)
    // A leftover of 3.0 in many 3.1 documents; what is meant is plain.
    upgradeBound(node, 'exclusiveMinimum', 'minimum')
    upgradeBound(node, 'exclusiveMaximum', 'maximum')
    return undefined
  }
  if (typeof own(node, '$ref') === 'string') {
    // Before 2019-09 a reference hides its siblings.
    for (const key of Object.keys(node)) if (key !== '$ref' && !kept(key)) delete node[key]
    return undefined
  }
  if (dialect === 'draft-4' && typeof node['id'] === 'string') rename(node, 'id', '$id')
  if (dialect !== 'openapi-3.0') upgradeDrafts(node)
  if (dialect !== 'draft-7') {
    upgradeBound(node, 'exclusiveMinimum', 'minimum')
    upgradeBound(node, 'exclusiveMaximum', 'maximum')
  }
  if (node['type'] === 'file') {
    node['type'] = 'string'
    node['format'] = 'binary'
  }
  return dialect === 'openapi-3.0' ? upgradeNullable(node) : undefined
}

function kept(key: string): boolean {
  return key === 'definitions' || key === '$defs' || key === 'description' || key.startsWith('x-')
}

function upgradeBound(node: JsonObject, exclusive: string, bound: string): void {
  const flag = own(node, exclusive)
  if (typeof flag !== 'boolean') return
  delete node[exclusive]
  if (flag && own(node, bound) !== undefined) rename(node, bound, exclusive)
}

/**
 * `nullable` allows null beside the type. Authors also write it beside `enum` and compositions and mean the
 * same, which OpenAPI 3.0.3 §4.7.24.1 would read as nothing; what they mean is kept.
 */
function upgradeNullable(node: JsonObject): JsonObject | undefined {
  const nullable = own(node, 'nullable')
  if (nullable === undefined) return undefined
  delete node['nullable']
  if (nullable !== true) return undefined
  if (composition.some((keyword) => own(node, keyword) !== undefined)) {
    const rest: JsonObject = {}
    for (const key of Object.keys(node)) {
      if (annotations.includes(key) || key.startsWith('x-')) continue
      rest[key] = node[key]
      delete node[key]
    }
    node['anyOf'] = [rest, { type: 'null' }]
    return rest
  }
  if (typeof node['type'] === 'string') node['type'] = [node['type'], 'null']
  const values = own(node, 'enum')
  if (Array.isArray(values) && !values.includes(null)) node['enum'] = [...values, null]
  return undefined
}

function upgradeDrafts(node: JsonObject): void {
  const items = own(node, 'items')
  if (Array.isArray(items)) {
    delete node['items']
    node['prefixItems'] = items
    if (own(node, 'additionalItems') !== undefined) node['items'] = node['additionalItems']
  }
  delete node['additionalItems']
  const id = own(node, '$id')
  if (typeof id === 'string' && id.startsWith('#')) {
    delete node['$id']
    node['$anchor'] = id.slice(1)
  }
  upgradeDependencies(node)
}

function upgradeDependencies(node: JsonObject): void {
  const dependencies = own(node, 'dependencies')
  if (!isObject(dependencies)) return
  const required: JsonObject = {}
  const schemas: JsonObject = {}
  for (const key of Object.keys(dependencies)) {
    const value = dependencies[key]
    if (Array.isArray(value)) required[key] = value
    else schemas[key] = value
  }
  delete node['dependencies']
  node['dependentRequired'] ??= required
  node['dependentSchemas'] ??= schemas
}

function rename(node: JsonObject, from: string, to: string): void {
  node[to] = node[from]
  delete node[from]
}
