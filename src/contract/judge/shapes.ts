import { isObject, type JsonObject, own, type Schema } from '../schema.ts'
import { isFlagged } from '../schemas/direction-flag.ts'
import { discriminationOf, propertyOf } from '../schemas/discriminator.ts'
import type { Direction } from '../schemas/lower-schema.ts'
import { isSensitive } from '../schemas/sensitive.ts'
import type { Guards } from './guarded.ts'
import { LazyField } from './lazy-field.ts'
import { type Choice, type Field, isTrivial, type Shape } from './shape.ts'
import { isNested, isScalar, type Part, partOf, schemasOf, soleNested } from './shape-part.ts'
import type { Validators } from './validators.ts'

const nothing: Shape = {
  describes: false,
  open: false,
  fields: new Map(),
  patterns: [],
  rest: [],
  prefix: [],
  items: undefined,
  choices: [],
  guards: undefined,
}

/** Compiles shapes of schemas, each set of schemas once, on first use. */
export class Shapes {
  readonly #validators: Validators
  readonly #direction: Direction
  readonly #byNode = new Map<JsonObject, Shape>()
  readonly #plain = new Map<JsonObject, Shape>()
  readonly #guarded: ReadonlyMap<JsonObject, Guards>

  constructor(
    validators: Validators,
    direction: Direction,
    guarded: ReadonlyMap<JsonObject, Guards> = new Map(),
  ) {
    this.#validators = validators
    this.#direction = direction
    this.#guarded = guarded
  }

  /** The shape of a schema; undefined where it declares nothing about objects and arrays. */
  of(schema: Schema | undefined): Shape | undefined {
    if (!isObject(schema)) return undefined
    const shape = this.#shape([schema], true)
    return isTrivial(shape) ? undefined : shape
  }

  /** `above`: guards of the schemas that this one is an alternative of. */
  #shape(schemas: readonly Schema[], heirs: boolean, above: readonly Guards[] = noGuards): Shape {
    const nodes = schemas.filter(isObject)
    const cache = heirs ? this.#byNode : this.#plain
    const only = nodes.length === 1 && above.length === 0 ? nodes[0] : undefined
    const known = only === undefined ? undefined : cache.get(only)
    if (known !== undefined) return known
    const shape = this.#build(nodes, heirs, above)
    if (only !== undefined) cache.set(only, shape)
    return shape
  }

  #build(nodes: readonly JsonObject[], heirs: boolean, above: readonly Guards[]): Shape {
    const guards = this.#guarded.size === 0 ? noGuards : this.#guardsOf(nodes, above)
    const parts: Part[] = []
    const choices: Choice[] = []
    const prefixes: Schema[][] = []
    const items: Schema[] = []
    let open = false
    const seen = new Set<JsonObject>()
    const collect = (node: Schema | undefined, family: boolean): void => {
      if (!isObject(node) || seen.has(node)) return
      seen.add(node)
      const { store } = this.#validators
      collect(store.targets.get(node), family)
      collect(store.dynamicTargets.get(node)?.target, family)
      const list = own(node, 'allOf')
      if (Array.isArray(list)) for (const part of list as Schema[]) collect(part, false)
      const part = partOf(node)
      if (part !== undefined) parts.push(part)
      for (const keyword of ['additionalProperties', 'unevaluatedProperties']) {
        const value = own(node, keyword)
        if (value === true || isObject(value)) open = true
      }
      const first = own(node, 'prefixItems')
      if (Array.isArray(first)) prefixes.push(first as Schema[])
      for (const keyword of ['items', 'unevaluatedItems', 'contains']) {
        const value = own(node, keyword)
        if (isObject(value)) items.push(value)
      }
      this.#choices(node, family, choices, guards, (branch) => collect(branch, family))
    }
    for (const node of nodes) collect(node, heirs)
    const guarded = merged(guards)
    if (parts.length === 0 && choices.length === 0 && items.length === 0 && prefixes.length === 0)
      return open || guarded !== undefined ? { ...nothing, open, guards: guarded } : nothing
    const width = Math.max(0, ...prefixes.map((p) => p.length))
    return {
      describes: parts.some((p) => p.properties !== undefined || p.patterns.length > 0),
      open,
      fields: this.#fields(parts),
      patterns: parts.flatMap((p) =>
        p.patterns.map((q) => ({ matcher: q.matcher, field: this.#field([q.schema]) })),
      ),
      rest: parts.flatMap((p) => (isObject(p.rest) ? [this.#field([p.rest])] : [])),
      prefix: Array.from({ length: width }, (_, i) =>
        this.#field(prefixes.flatMap((p) => (p[i] === undefined ? [] : [p[i]]))),
      ),
      items: items.length === 0 ? undefined : this.#field(items),
      choices,
      guards: guarded,
    }
  }

  /** Guards of every component schema that stands at this place: named, referred to, or part of an `allOf`. */
  #guardsOf(nodes: readonly JsonObject[], above: readonly Guards[]): readonly Guards[] {
    const found = new Set(above)
    const { targets, dynamicTargets } = this.#validators.store
    const seen = new Set<Schema | undefined>(nodes)
    for (const node of seen) {
      if (!isObject(node)) continue
      const guards = this.#guarded.get(node)
      if (guards !== undefined) found.add(guards)
      seen.add(targets.get(node))
      seen.add(dynamicTargets.get(node)?.target)
      const parts = own(node, 'allOf')
      if (Array.isArray(parts)) for (const part of parts as Schema[]) seen.add(part)
      const only = soleNested(node)
      if (only !== undefined) seen.add(only)
    }
    return [...found]
  }

  #fields(parts: readonly Part[]): ReadonlyMap<string, Field> {
    const fields = new Map<string, Field>()
    for (const { properties } of parts)
      for (const name of properties === undefined ? [] : Object.keys(properties)) {
        if (fields.has(name)) continue
        fields.set(name, this.#field(parts.flatMap((part) => schemasOf(part, name))))
      }
    return fields
  }

  #field(schemas: readonly Schema[]): Field {
    const { store } = this.#validators
    const flag = this.#direction === 'request' ? 'readOnly' : 'writeOnly'
    const foreign = store.directed && schemas.some((schema) => isFlagged(schema, flag, store))
    const sensitive =
      store.sensitive && this.#direction === 'reply' && schemas.some((schema) => isSensitive(schema, store))
    const nested = schemas.some((schema) => isNested(schema, store, 0))
    if (!schemas.some((schema) => isObject(schema) && this.#mayNest(schema))) {
      const scalar = schemas.some(isScalar)
      return { foreign, sensitive, scalar, nested, shape: undefined }
    }
    return new LazyField(foreign, sensitive, nested, () => this.#shape(schemas, true))
  }

  /** A cheap no: a schema of scalars has no shape. */
  #mayNest(schema: JsonObject): boolean {
    for (const keyword of nesting) if (Object.hasOwn(schema, keyword)) return true
    return false
  }

  #choices(
    node: JsonObject,
    family: boolean,
    choices: Choice[],
    guards: readonly Guards[],
    merge: (schema: Schema) => void,
  ): void {
    const validators = this.#validators
    const tagged = propertyOf(node) === undefined ? undefined : discriminationOf(node, validators.store)
    const heirs = family ? validators.store.heirs.get(node) : undefined
    const property = propertyOf(node)
    if (tagged !== undefined) choices.push(this.#tagged(tagged.property, tagged.tags, true, guards))
    else {
      if (heirs !== undefined && property !== undefined)
        choices.push(this.#tagged(property, heirs, false, guards))
      for (const keyword of ['anyOf', 'oneOf']) {
        const list = own(node, keyword)
        if (Array.isArray(list)) this.#alternatives(list as Schema[], choices, guards, merge)
      }
    }
    const condition = own(node, 'if') as Schema | undefined
    if (condition !== undefined) {
      const [when, then, otherwise] = [condition, own(node, 'then'), own(node, 'else')].map((s) =>
        this.#shape(isObject(s) ? [s] : [], true, guards),
      ) as [Shape, Shape, Shape]
      const unit = validators.unit(condition, this.#direction)
      if (![when, then, otherwise].every(isTrivial)) choices.push({ kind: 'if', unit, when, then, otherwise })
    }
    const dependent = own(node, 'dependentSchemas')
    if (isObject(dependent))
      for (const name of Object.keys(dependent)) {
        const shape = this.#shape([dependent[name] as Schema], true, guards)
        if (!isTrivial(shape)) choices.push({ kind: 'dependent', property: name, shape })
      }
  }

  #tagged(
    property: string,
    tags: ReadonlyMap<string, JsonObject>,
    strict: boolean,
    guards: readonly Guards[],
  ): Choice {
    const shapes = new Map<string, () => Shape>()
    for (const [tag, node] of tags) {
      let made: Shape | undefined
      shapes.set(tag, () => {
        made ??= this.#shape([node], strict, guards)
        return made
      })
    }
    return { kind: 'tag', strict, property, tags: shapes }
  }

  #alternatives(
    list: readonly Schema[],
    choices: Choice[],
    guards: readonly Guards[],
    merge: (schema: Schema) => void,
  ): void {
    const nested = list.filter((s): s is JsonObject => isObject(s) && !isScalar(s))
    // `T or null`: what is an object is a T.
    if (nested.length === 1 && nested[0] !== undefined && list.every((s) => s === nested[0] || isScalar(s))) {
      merge(nested[0])
      return
    }
    const branches = list.map((schema) => ({
      unit: this.#validators.unit(schema, this.#direction),
      shape: this.#shape([schema], true, guards),
    }))
    if (!branches.every(({ shape }) => isTrivial(shape))) choices.push({ kind: 'any', branches })
  }
}

const nesting = [
  'properties',
  'patternProperties',
  'additionalProperties',
  'unevaluatedProperties',
  'items',
  'prefixItems',
  'contains',
  'unevaluatedItems',
  'allOf',
  'anyOf',
  'oneOf',
  'if',
  'dependentSchemas',
  '$ref',
  '$dynamicRef',
  'discriminator',
]

const noGuards: readonly Guards[] = []

function merged(all: readonly Guards[]): Guards | undefined {
  if (all.length < 2) return all[0]
  const union = new Map<string, readonly number[]>()
  for (const guards of all)
    for (const [name, numbers] of guards) union.set(name, [...(union.get(name) ?? []), ...numbers])
  return union
}
