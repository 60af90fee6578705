import type { ObjectPlaces, SoughtObjects } from '../../kernel/object-places.ts'
import { eachSubschema, isObject, type JsonObject, type Schema } from '../schema.ts'
import { propertyOf } from '../schemas/kinds.ts'
import type { SchemaStore } from '../schemas/schema-store.ts'
import { createPlaces, type SoughtSchemas } from './object-places.ts'
import type { Validators } from './validators.ts'

/** Finds where objects stand in the replies of a contract. Computed once for what is sought, at start. */
export class ObjectSchemas {
  readonly #named: ReadonlyMap<string, Schema>
  readonly #names = new Map<JsonObject, string>()
  readonly #validators: Validators
  readonly #sought = new Map<string, SoughtSchemas>()
  #parents: ReadonlyMap<JsonObject, readonly JsonObject[]> | undefined

  constructor(named: ReadonlyMap<string, Schema>, validators: Validators) {
    this.#named = named
    this.#validators = validators
    for (const [name, node] of named) if (isObject(node)) this.#names.set(node, name)
  }

  /** The component schema that a schema is, itself or by reference. */
  nameOf(schema: Schema | undefined): string | undefined {
    const { targets } = this.#validators.store
    const seen = new Set<Schema>()
    let node = schema
    while (isObject(node) && !seen.has(node)) {
      const name = this.#names.get(node)
      if (name !== undefined) return name
      seen.add(node)
      node = targets.get(node)
    }
    return undefined
  }

  /** Where the objects stand in values of a schema; undefined where none can. */
  places(schema: Schema, sought: SoughtObjects): ObjectPlaces | undefined {
    if (!isObject(schema)) return undefined
    const found = this.#find(sought)
    return found.leading.has(schema) ? createPlaces(schema, found, this.#validators) : undefined
  }

  #find(sought: SoughtObjects): SoughtSchemas {
    const key = JSON.stringify([sought.schema, sought.paths])
    let found = this.#sought.get(key)
    if (found === undefined) {
      const targets = this.#targets(sought)
      found = { targets, leading: this.#leading(targets) }
      this.#sought.set(key, found)
    }
    return found
  }

  #targets({ schema, paths }: SoughtObjects): ReadonlySet<JsonObject> {
    const { store } = this.#validators
    if (schema !== undefined) {
      const node = this.#named.get(schema)
      return new Set(isObject(node) ? [node] : [])
    }
    const targets = new Set<JsonObject>()
    for (const node of store.resources.keys())
      if (paths.some((path) => path.length > 0 && hasPath(node, path, store))) targets.add(node)
    return targets
  }

  /** Every schema from which a target can be reached. */
  #leading(targets: ReadonlySet<JsonObject>): ReadonlySet<JsonObject> {
    this.#parents ??= parentsOf(this.#validators.store)
    const leading = new Set(targets)
    for (const node of leading) for (const parent of this.#parents.get(node) ?? []) leading.add(parent)
    return leading
  }
}

function hasPath(node: JsonObject, path: readonly string[], store: SchemaStore): boolean {
  let at: Schema | undefined = node
  for (const name of path) at = propertyOf(at, name, store)
  return at !== undefined && at !== false
}

function parentsOf(store: SchemaStore): ReadonlyMap<JsonObject, readonly JsonObject[]> {
  const parents = new Map<JsonObject, JsonObject[]>()
  const lead = (child: Schema | undefined, parent: JsonObject): void => {
    if (!isObject(child)) return
    const known = parents.get(child)
    if (known === undefined) parents.set(child, [parent])
    else known.push(parent)
  }
  for (const node of store.resources.keys()) {
    lead(store.targets.get(node), node)
    lead(store.dynamicTargets.get(node)?.target, node)
    for (const heir of store.heirs.get(node)?.values() ?? []) lead(heir, node)
    eachSubschema(node, false, (child) => lead(child, node))
  }
  return parents
}
