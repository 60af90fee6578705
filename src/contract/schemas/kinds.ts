import { isObject, type JsonObject, own, type Schema } from '../schema.ts'
import type { SchemaStore } from './schema-store.ts'

export type Kind = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object'

const all: ReadonlySet<Kind> = new Set(['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'])

/** The types a schema lets in, as far as it says so; all of them where it says nothing. */
export function kindsOf(schema: Schema | undefined, store: SchemaStore): ReadonlySet<Kind> {
  if (!isObject(schema)) return all
  const known = memory.get(schema)
  if (known !== undefined) return known
  memory.set(schema, all)
  const kinds = computeKinds(schema, store)
  memory.set(schema, kinds)
  return kinds
}

/** Computed once a node: schemas may be shared and nested in more ways than can be walked. */
const memory = new WeakMap<JsonObject, ReadonlySet<Kind>>()

function computeKinds(schema: JsonObject, store: SchemaStore): ReadonlySet<Kind> {
  let kinds: ReadonlySet<Kind> = all
  const narrow = (to: ReadonlySet<Kind>): void => {
    if (to === all) return
    kinds =
      kinds === all
        ? to
        : new Set([...kinds].filter((kind) => to.has(kind) || (kind === 'integer' && to.has('number'))))
  }
  const type = own(schema, 'type')
  if (typeof type === 'string') narrow(new Set([type as Kind]))
  else if (Array.isArray(type)) narrow(new Set(type as Kind[]))
  else {
    const values = Object.hasOwn(schema, 'const') ? [schema['const']] : own(schema, 'enum')
    if (Array.isArray(values)) narrow(new Set(values.map(kindOf)))
  }
  const target = store.targets.get(schema)
  if (target !== undefined) narrow(kindsOf(target, store))
  const parts = own(schema, 'allOf')
  if (Array.isArray(parts)) for (const part of parts as Schema[]) narrow(kindsOf(part, store))
  for (const keyword of ['anyOf', 'oneOf']) {
    const list = own(schema, keyword)
    if (Array.isArray(list)) narrow(new Set((list as Schema[]).flatMap((s) => [...kindsOf(s, store)])))
  }
  return kinds
}

function kindOf(value: unknown): Kind {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value === 'object' ? 'object' : (typeof value as Kind)
}

/** Schemas of the elements of an array, through references and `allOf`. */
export function itemsOf(schema: Schema | undefined, store: SchemaStore): Schema | undefined {
  return lookup(schema, store, new Set(), (node) => own(node, 'items') as Schema | undefined)
}

/** Schema of a property, through references, `allOf` and alternatives. */
export function propertyOf(schema: Schema | undefined, name: string, store: SchemaStore): Schema | undefined {
  return lookup(schema, store, new Set(), (node) => {
    const properties = own(node, 'properties')
    const named = isObject(properties) ? (own(properties, name) as Schema | undefined) : undefined
    return (
      named ??
      (isObject(own(node, 'additionalProperties')) ? (node['additionalProperties'] as Schema) : undefined)
    )
  })
}

/** Names of the declared properties of a schema. */
export function propertyNamesOf(schema: Schema | undefined, store: SchemaStore): ReadonlySet<string> {
  const names = new Set<string>()
  lookup(schema, store, new Set(), (node) => {
    const properties = own(node, 'properties')
    if (isObject(properties)) for (const name of Object.keys(properties)) names.add(name)
    return undefined
  })
  return names
}

function lookup(
  schema: Schema | undefined,
  store: SchemaStore,
  seen: Set<JsonObject>,
  find: (node: Record<string, unknown>) => Schema | undefined,
): Schema | undefined {
  if (!isObject(schema) || seen.has(schema)) return undefined
  seen.add(schema)
  const here = find(schema) ?? lookup(store.targets.get(schema), store, seen, find)
  if (here !== undefined) return here
  for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
    const list = own(schema, keyword)
    if (!Array.isArray(list)) continue
    for (const part of list as Schema[]) {
      const found = lookup(part, store, seen, find)
      if (found !== undefined) return found
    }
  }
  return undefined
}
