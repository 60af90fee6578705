import type { ObjectFilter, ObjectPlaces } from '../../kernel/object-places.ts'
import { TooCostly } from '../pattern/pattern.ts'
import { isObject, type JsonObject, own, type Schema } from '../schema.ts'
import { beginSteps, type Unit } from './unit.ts'
import type { Validators } from './validators.ts'

type JsonRecord = Record<string, unknown>

/** The schemas of sought objects, and every schema below which one stands. */
export interface SoughtSchemas {
  readonly targets: ReadonlySet<JsonObject>
  readonly leading: ReadonlySet<JsonObject>
}

/** One place of a value: whether a sought object stands here, and where further ones stand below. */
interface Place {
  readonly sought: boolean
  readonly items: () => Place | undefined
  readonly prefix: readonly (() => Place | undefined)[]
  readonly members: readonly (readonly [string, () => Place])[]
  /** Members that are not named. */
  readonly rest: () => Place | undefined
  readonly alternatives: readonly { readonly unit: Unit; readonly place: () => Place | undefined }[]
}

/** Compiles the places of sought objects in the values of one schema. */
export function createPlaces(
  schema: JsonObject,
  sought: SoughtSchemas,
  validators: Validators,
): ObjectPlaces {
  const place = new PlaceCompiler(sought, validators).place([schema])
  const root = place?.sought === true
  return {
    root,
    get single() {
      return isSingle(place, new Set())
    },
    filter(value, exact, by) {
      if (place === undefined) return true
      if (root && typeof value !== 'object') return false
      try {
        beginSteps(value)
        return stays(place, value, exact, by, false)
      } catch (error) {
        if (error instanceof TooCostly) return false
        throw error
      }
    },
  }
}

/** False where the value holds an object that may not leave, or is not built as the contract says. */
function stays(place: Place, value: unknown, exact: unknown, by: ObjectFilter, listed: boolean): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (place.sought) return !Array.isArray(value) && by.keep(exact as object, listed)
  if (place.alternatives.length > 0 && !staysInAlternatives(place, value, exact, by, listed)) return false
  if (Array.isArray(value)) return staysInList(place, value, exact as unknown[], by)
  if (place.members.length === 0 && place.rest() === undefined)
    return place.alternatives.length > 0 || (place.items() === undefined && place.prefix.length === 0)
  return staysInMembers(place, value as JsonRecord, exact as JsonRecord, by, listed)
}

function staysInList(place: Place, value: unknown[], exact: unknown[], by: ObjectFilter): boolean {
  const { prefix } = place
  for (let i = 0; i < prefix.length && i < value.length; i++) {
    const first = prefix[i]?.()
    if (first !== undefined && !stays(first, value[i], exact[i], by, true)) return false
  }
  const items = place.items()
  // A list where the contract has none: its elements may be anything.
  if (items === undefined) return prefix.length > 0 || place.alternatives.length > 0
  let kept = prefix.length
  for (let i = prefix.length; i < value.length; i++) {
    const item = value[i]
    if (!stays(items, item, exact[i], by, true)) {
      if (!by.filters) return false
      by.removed++
      continue
    }
    if (kept !== i) {
      value[kept] = item
      exact[kept] = exact[i]
    }
    kept++
  }
  if (kept < value.length) {
    value.length = kept
    exact.length = kept
  }
  return true
}

function staysInMembers(
  place: Place,
  value: JsonRecord,
  exact: JsonRecord,
  by: ObjectFilter,
  listed: boolean,
): boolean {
  const rest = place.rest()
  if (rest === undefined) {
    for (const [name, member] of place.members)
      if (Object.hasOwn(value, name) && !stays(member(), value[name], exact[name], by, listed)) return false
    return true
  }
  for (const name of Object.keys(value)) {
    const member = place.members.find(([one]) => one === name)?.[1]() ?? rest
    if (!stays(member, value[name], exact[name], by, listed)) return false
  }
  return true
}

function staysInAlternatives(
  place: Place,
  value: object,
  exact: unknown,
  by: ObjectFilter,
  listed: boolean,
): boolean {
  const valid = place.alternatives.filter(({ unit }) => unit.run(value))
  // None: the value is not what the contract says, so it must satisfy them all.
  for (const { place: alternative } of valid.length > 0 ? valid : place.alternatives) {
    const one = alternative()
    if (one !== undefined && !stays(one, value, exact, by, listed)) return false
  }
  return true
}

/** True where a sought object may stand outside every list. */
function isSingle(place: Place | undefined, seen: Set<Place>): boolean {
  if (place === undefined || seen.has(place)) return false
  seen.add(place)
  return (
    place.sought ||
    isSingle(place.rest(), seen) ||
    place.members.some(([, member]) => isSingle(member(), seen)) ||
    place.alternatives.some((one) => isSingle(one.place(), seen))
  )
}

class PlaceCompiler {
  readonly #sought: SoughtSchemas
  readonly #validators: Validators
  readonly #made = new Map<JsonObject, Place | undefined>()

  constructor(sought: SoughtSchemas, validators: Validators) {
    this.#sought = sought
    this.#validators = validators
  }

  /** The place that these schemas describe together; undefined where nothing sought stands at or below it. */
  place(schemas: readonly Schema[]): Place | undefined {
    const nodes = schemas.filter(
      (node): node is JsonObject => isObject(node) && this.#sought.leading.has(node),
    )
    if (nodes.length === 0) return undefined
    const only = nodes.length === 1 ? nodes[0] : undefined
    if (only !== undefined && this.#made.has(only)) return this.#made.get(only)
    const place = this.#build(nodes)
    if (only !== undefined) this.#made.set(only, place)
    return place
  }

  #build(nodes: readonly JsonObject[]): Place {
    const { store } = this.#validators
    let sought = false
    const items: Schema[] = []
    const rest: Schema[] = []
    const prefixes: Schema[][] = []
    const members = new Map<string, Schema[]>()
    const alternatives: Place['alternatives'][number][] = []
    const seen = new Set<Schema | undefined>(nodes)
    for (const node of seen) {
      if (!isObject(node)) continue
      if (this.#sought.targets.has(node)) sought = true
      seen.add(store.targets.get(node))
      seen.add(store.dynamicTargets.get(node)?.target)
      for (const keyword of ['items', 'unevaluatedItems', 'contains'])
        if (isObject(own(node, keyword))) items.push(node[keyword] as Schema)
      for (const keyword of ['additionalProperties', 'unevaluatedProperties'])
        if (isObject(own(node, keyword))) rest.push(node[keyword] as Schema)
      const first = own(node, 'prefixItems')
      if (Array.isArray(first)) prefixes.push(first as Schema[])
      const properties = own(node, 'properties')
      if (isObject(properties))
        for (const name of Object.keys(properties))
          members.set(name, [...(members.get(name) ?? []), properties[name] as Schema])
      const patterns = own(node, 'patternProperties')
      if (isObject(patterns)) rest.push(...(Object.values(patterns) as Schema[]))
      for (const keyword of ['allOf', 'then', 'else']) {
        const value = own(node, keyword)
        for (const part of Array.isArray(value) ? (value as Schema[]) : [value as Schema]) seen.add(part)
      }
      const dependent = own(node, 'dependentSchemas')
      if (isObject(dependent)) for (const part of Object.values(dependent) as Schema[]) seen.add(part)
      for (const keyword of ['anyOf', 'oneOf']) this.#alternatives(own(node, keyword), alternatives, seen)
      for (const heir of store.heirs.get(node)?.values() ?? [])
        alternatives.push({
          unit: this.#validators.unit(heir, 'reply'),
          place: lazy(() => this.place([heir])),
        })
    }
    const width = Math.max(0, ...prefixes.map((one) => one.length))
    return {
      sought,
      items: lazy(() => this.place(items)),
      prefix: Array.from({ length: width }, (_, i) =>
        lazy(() => this.place(prefixes.flatMap((one) => (one[i] === undefined ? [] : [one[i]])))),
      ),
      members: [...members].flatMap(([name, schemas]) =>
        schemas.some((schema) => isObject(schema) && this.#sought.leading.has(schema))
          ? [[name, lazy(() => this.place(schemas) as Place)] as const]
          : [],
      ),
      rest: lazy(() => this.place(rest)),
      alternatives,
    }
  }

  #alternatives(
    list: unknown,
    alternatives: { unit: Unit; place: () => Place | undefined }[],
    seen: Set<Schema | undefined>,
  ): void {
    if (!Array.isArray(list)) return
    const leads = (list as Schema[]).some((one) => isObject(one) && this.#sought.leading.has(one))
    if (!leads) return
    const nested = (list as Schema[]).filter((one) => !isNull(one))
    if (nested.length === 1) {
      seen.add(nested[0])
      return
    }
    for (const schema of nested)
      alternatives.push({
        unit: this.#validators.unit(schema, 'reply'),
        place: lazy(() => this.place([schema])),
      })
  }
}

function isNull(schema: Schema): boolean {
  return isObject(schema) && own(schema, 'type') === 'null'
}

function lazy<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
