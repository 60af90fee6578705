import { isObject, type JsonObject, own, type Schema } from '../schema.ts'
import { formats } from './formats.ts'
import { maxPortion, portionsOf } from './property-portions.ts'
import type { Resource, SchemaStore } from './schema-store.ts'

export type Direction = 'request' | 'reply'

/** In which sense a schema is compiled. */
export interface Sense {
  readonly direction: Direction
  /** Dynamic scope: resources with dynamic anchors that were entered, outermost first. */
  readonly scope: readonly Resource[]
  /** Inside the reach of `unevaluated…`: references must stay visible to ajv. */
  readonly visible: boolean
  /** Where a parent schema with a discriminator stands for its heirs: everywhere but in `allOf`. */
  readonly heirs: boolean
}

export interface LowerContext {
  /** Schemas written out so far for the validator at hand. */
  size: number
  readonly store: SchemaStore
  /** Index of the validator of a referenced schema. */
  unitOf(target: JsonObject, sense: Sense): number
  /** ajv id of a referenced schema that must stay visible. */
  idOf(target: JsonObject, sense: Sense): string
  /** Index of the validator that picks by discriminator, where the node has one that can. */
  dispatchOf(node: JsonObject, sense: Sense): number | undefined
  /** Names whose properties do not travel in this direction, so that they are not required. */
  relaxed(node: JsonObject, direction: Direction): ReadonlySet<string> | undefined
}

const copied = [
  'type',
  'const',
  'multipleOf',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'dependentRequired',
  'format',
]
const inChild = [
  'additionalProperties',
  'items',
  'propertyNames',
  'contains',
  'unevaluatedProperties',
  'unevaluatedItems',
]
const maxInlinedEnum = 20
/** Schemas in one validator. What is nested beyond becomes a validator of its own, compiled when it is first used. */
const maxSize = 300

/**
 * Writes a schema as ajv compiles it: known keywords alone, each already checked, and every reference a call
 * to another validator. What comes out cannot fail to compile.
 */
export function lowerSchema(
  schema: Schema,
  sense: Sense,
  context: LowerContext,
  relaxed?: ReadonlySet<string>,
): Schema {
  if (typeof schema === 'boolean') return schema
  context.size += 1
  const { store } = context
  const out: JsonObject = {}
  const all: Schema[] = []
  sense = entered(schema, sense, store)
  if (own(schema, 'unevaluatedProperties') !== undefined || own(schema, 'unevaluatedItems') !== undefined)
    sense = { ...sense, visible: true }
  const child: Sense = sense.visible || !sense.heirs ? { ...sense, visible: false, heirs: true } : sense
  const part: Sense = sense.heirs ? { ...sense, heirs: false } : sense

  for (const keyword of copied) if (Object.hasOwn(schema, keyword)) out[keyword] = schema[keyword]
  if (!formats.has(out['format'] as string)) delete out['format']
  const values = own(schema, 'enum')
  if (Array.isArray(values)) {
    if (values.length === 0) return false
    out['enum'] = values
  }
  lowerReferences(schema, sense, context, out, all)
  relaxed ??= context.relaxed(schema, sense.direction)
  const required = own(schema, 'required')
  if (Array.isArray(required)) {
    const names = relaxed === undefined ? required : required.filter((name) => !relaxed.has(name as string))
    if (names.length > 0) out['required'] = [...new Set(names)]
  }

  lowerProperties(schema, sense, child, context, out, all)
  lowerMap(schema, 'patternProperties', out, (s) => lowerBelow(s, child, context))
  lowerMap(schema, 'dependentSchemas', out, (s) => lowerBeside(s, sense, context))
  const prefix = own(schema, 'prefixItems')
  if (Array.isArray(prefix)) out['prefixItems'] = prefix.map((s: Schema) => lowerBelow(s, child, context))
  for (const keyword of inChild) {
    const value = own(schema, keyword) as Schema | undefined
    if (value !== undefined) out[keyword] = lowerBelow(value, child, context)
  }
  if (out['contains'] !== undefined) {
    for (const keyword of ['minContains', 'maxContains'])
      if (Object.hasOwn(schema, keyword)) out[keyword] = schema[keyword]
  }

  const dispatch = sense.visible ? undefined : context.dispatchOf(schema, sense)
  if (dispatch !== undefined) all.push({ unit: dispatch })
  const replaces =
    dispatch !== undefined && (own(schema, 'oneOf') !== undefined || own(schema, 'anyOf') !== undefined)
  const parts = own(schema, 'allOf')
  if (Array.isArray(parts))
    for (const s of parts as Schema[]) all.push(lowerBeside(s, part, context, relaxed))
  if (all.length > 0) out['allOf'] = all
  if (!replaces)
    for (const keyword of ['anyOf', 'oneOf']) {
      const list = own(schema, keyword)
      if (Array.isArray(list)) out[keyword] = list.map((s: Schema) => lowerBeside(s, sense, context, relaxed))
    }
  const lowerPart = (keyword: string): Schema | undefined => {
    const value = own(schema, keyword) as Schema | undefined
    return value === undefined ? undefined : lowerBeside(value, sense, context, relaxed)
  }
  const not = lowerPart('not')
  if (not !== undefined) out['not'] = not
  lowerCondition(lowerPart('if'), lowerPart('then'), lowerPart('else'), sense, out, all)
  return out
}

function lowerCondition(
  condition: Schema | undefined,
  then: Schema | undefined,
  otherwise: Schema | undefined,
  sense: Sense,
  out: JsonObject,
  all: Schema[],
): void {
  if (condition === undefined || (then === undefined && otherwise === undefined && !sense.visible)) return
  if (!sense.visible) {
    out['if'] = condition
    if (then !== undefined) out['then'] = then
    if (otherwise !== undefined) out['else'] = otherwise
    return
  }
  // ajv takes what `if` looked at as evaluated even where it does not hold; alternatives it gets right.
  const held: Schema = { allOf: then === undefined ? [condition] : [condition, then] }
  const failed: Schema = { not: condition, ...(otherwise === undefined ? {} : { allOf: [otherwise] }) }
  all.push({ anyOf: [held, failed] })
  out['allOf'] = all
}

/** A schema of the same value: written out, or called where the validator is large already. */
function lowerBeside(
  schema: Schema,
  sense: Sense,
  context: LowerContext,
  relaxed?: ReadonlySet<string>,
): Schema {
  if (typeof schema === 'boolean' || sense.visible || context.size < maxSize)
    return lowerSchema(schema, sense, context, relaxed)
  return { unit: context.unitOf(schema, entered(schema, sense, context.store)) }
}

/** A schema of a member or element: written out, or called where the validator is large already. */
function lowerBelow(schema: Schema, sense: Sense, context: LowerContext): Schema {
  if (typeof schema === 'boolean' || context.size < maxSize || isLeaf(schema))
    return lowerSchema(schema, sense, context)
  return { unit: context.unitOf(schema, entered(schema, sense, context.store)) }
}

/** The sense inside a schema: another resource with dynamic anchors joins the scope. */
function entered(schema: JsonObject, sense: Sense, store: SchemaStore): Sense {
  const resource = store.resources.get(schema)
  if (resource === undefined || resource.dynamic.size === 0 || sense.scope.includes(resource)) return sense
  return { ...sense, scope: [...sense.scope, resource] }
}

function lowerReferences(
  schema: JsonObject,
  sense: Sense,
  context: LowerContext,
  out: JsonObject,
  all: Schema[],
): void {
  const { store } = context
  const targets: Schema[] = []
  const fixed = store.targets.get(schema)
  if (fixed !== undefined) targets.push(fixed)
  const dynamic = store.dynamicTargets.get(schema)
  if (dynamic !== undefined) targets.push(inScope(dynamic, sense.scope))
  for (const target of targets) {
    if (typeof target === 'boolean') all.push(target)
    else if (isLeaf(target)) all.push(lowerSchema(target, sense, context))
    else if (sense.visible) {
      const id = context.idOf(target, sense)
      if (out['$ref'] === undefined) out['$ref'] = id
      else all.push({ $ref: id })
    } else if (out['unit'] === undefined) out['unit'] = context.unitOf(target, sense)
    else all.push({ unit: context.unitOf(target, sense) })
  }
}

/** `$dynamicRef`: the outermost schema of the dynamic scope that has the anchor (JSON Schema 2020-12 core §8.2.3.2). */
function inScope(
  { target, anchor }: { readonly target: Schema; readonly anchor: string | undefined },
  scope: readonly Resource[],
): Schema {
  if (anchor === undefined) return target
  for (const resource of scope) {
    const node = resource.dynamic.get(anchor)
    if (node !== undefined) return node
  }
  return target
}

const structural = new Set([
  '$ref',
  '$dynamicRef',
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'properties',
  'patternProperties',
  'additionalProperties',
  'items',
  'prefixItems',
  'contains',
  'propertyNames',
  'dependentSchemas',
  'unevaluatedProperties',
  'unevaluatedItems',
  'discriminator',
  'required',
  '$dynamicAnchor',
])

/** A schema of scalars: cheaper written out than called. */
function isLeaf(schema: JsonObject): boolean {
  for (const keyword in schema) {
    if (structural.has(keyword)) return false
    if (keyword === 'enum' && (schema[keyword] as unknown[]).length > maxInlinedEnum) return false
  }
  return true
}

/** Properties; many of them in portions, since ajv nests what it writes for each. */
function lowerProperties(
  schema: JsonObject,
  sense: Sense,
  child: Sense,
  context: LowerContext,
  out: JsonObject,
  all: Schema[],
): void {
  const properties = own(schema, 'properties')
  if (!isObject(properties)) return
  const names = Object.keys(properties)
  if (names.length <= maxPortion || sense.visible) {
    lowerMap(schema, 'properties', out, (s) => lowerBelow(s, child, context))
    return
  }
  for (const portion of portionsOf(properties, names)) all.push({ unit: context.unitOf(portion, sense) })
  // The names alone, for `additionalProperties` beside them.
  const known: JsonObject = Object.create(null) as JsonObject
  for (const name of names) known[name] = true
  out['properties'] = known
}

function lowerMap(schema: JsonObject, keyword: string, out: JsonObject, lower: (s: Schema) => Schema): void {
  const map = own(schema, keyword)
  if (!isObject(map)) return
  const lowered: JsonObject = Object.create(null) as JsonObject
  for (const name of Object.keys(map)) lowered[name] = lower(map[name] as Schema)
  out[keyword] = lowered
}
