import { compilePattern, type Matcher } from '../pattern/pattern.ts'
import { isObject, type JsonObject, own, type Schema } from '../schema.ts'
import type { SchemaStore } from '../schemas/schema-store.ts'

/** One schema node that applies to the place, with its subschemas as they stand. */
export interface Part {
  readonly node: JsonObject
  readonly properties: JsonObject | undefined
  readonly patterns: readonly {
    readonly source: string
    readonly matcher: Matcher
    readonly schema: Schema
  }[]
  readonly rest: Schema | undefined
}

/** The one alternative that can be an object, of `T or null`. */
export function soleNested(node: JsonObject): JsonObject | undefined {
  for (const keyword of ['anyOf', 'oneOf']) {
    const list = own(node, keyword)
    if (!Array.isArray(list)) continue
    const nested = (list as Schema[]).filter((s): s is JsonObject => isObject(s) && !isScalar(s))
    if (nested.length === 1) return nested[0]
  }
  return undefined
}

/** References and compositions are followed so deep; beyond that a scalar is taken to be allowed. */
const deepestNested = 16

export function isNested(schema: Schema | undefined, store: SchemaStore, depth: number): boolean {
  if (!isObject(schema) || depth > deepestNested) return false
  const type = own(schema, 'type')
  const types = Array.isArray(type) ? type : type === undefined ? [] : [type]
  if (types.length > 0 && types.every((one) => one === 'object' || one === 'array' || one === 'null'))
    return true
  const inner = (one: Schema | undefined): boolean => isNested(one, store, depth + 1)
  if (inner(store.targets.get(schema))) return true
  const branches = (keyword: string): readonly Schema[] => {
    const list = own(schema, keyword)
    return Array.isArray(list) ? (list as Schema[]) : []
  }
  if (branches('allOf').some(inner)) return true
  return ['anyOf', 'oneOf'].some((keyword) => branches(keyword).length > 0 && branches(keyword).every(inner))
}

export function isScalar(schema: Schema): boolean {
  if (!isObject(schema)) return schema === false
  const type = own(schema, 'type')
  const types = Array.isArray(type) ? type : type === undefined ? [] : [type]
  return types.length > 0 && !types.includes('object') && !types.includes('array')
}

export function partOf(node: JsonObject): Part | undefined {
  const properties = own(node, 'properties')
  const patterns = own(node, 'patternProperties')
  const rest = (own(node, 'additionalProperties') ?? own(node, 'unevaluatedProperties')) as Schema | undefined
  const some = isObject(properties) && Object.keys(properties).length > 0
  if (!some && !isObject(patterns) && rest === undefined) return undefined
  return {
    node,
    properties: some ? properties : undefined,
    patterns: isObject(patterns)
      ? Object.keys(patterns).flatMap((source) => {
          const matcher = compilePattern(source)
          return typeof matcher === 'string' ? [] : [{ source, matcher, schema: patterns[source] as Schema }]
        })
      : [],
    rest: isObject(rest) ? rest : undefined,
  }
}

/** Every schema that a part applies to the property of a name. */
export function schemasOf(part: Part, name: string): Schema[] {
  const schemas: Schema[] = []
  const named = part.properties === undefined ? undefined : own(part.properties, name)
  if (named !== undefined) schemas.push(named as Schema)
  for (const { matcher, schema } of part.patterns) if (matcher.test(name)) schemas.push(schema)
  if (schemas.length === 0 && part.rest !== undefined) schemas.push(part.rest)
  return schemas
}
