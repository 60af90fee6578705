import type { ErrorObject } from 'ajv'
import { below, type Unit } from '../judge/unit.ts'
import { isObject, type JsonObject, own, type Schema } from '../schema.ts'
import type { SchemaStore } from './schema-store.ts'

/** `discriminator` of OpenAPI, read: which schema each tag stands for. */
export interface Discrimination {
  readonly property: string
  readonly tags: ReadonlyMap<string, JsonObject>
  /** Alternatives that are no reference (`{ type: 'null' }`): tried where the value is no object. */
  readonly others: readonly Schema[]
}

/**
 * The discriminator beside `oneOf` or `anyOf` whose alternatives are references; undefined where an
 * alternative has no tag, so that the plain keyword must decide.
 */
export function discriminationOf(node: JsonObject, store: SchemaStore): Discrimination | undefined {
  const property = propertyOf(node)
  const list = own(node, 'oneOf') ?? own(node, 'anyOf')
  if (
    property === undefined ||
    !Array.isArray(list) ||
    (own(node, 'oneOf') !== undefined && own(node, 'anyOf') !== undefined)
  )
    return undefined
  const tags = new Map<string, JsonObject>()
  const others: Schema[] = []
  const mapped = mappingOf(node, store)
  const tagged = new Set(mapped.values())
  for (const branch of list as Schema[]) {
    const target = isObject(branch) ? store.targets.get(branch) : undefined
    if (!isObject(branch) || !isObject(target)) {
      const scalar = isObject(branch) && typeof branch['type'] === 'string' && branch['type'] !== 'object'
      if (!scalar) return undefined
      others.push(branch)
      continue
    }
    const name = nameOf(own(branch, '$ref'))
    for (const [tag, schema] of mapped) if (schema === target) tags.set(tag, target)
    if (!tagged.has(target)) tags.set(name, target)
  }
  return tags.size === 0 ? undefined : { property, tags, others }
}

/** Property name of a discriminator: an object in OpenAPI 3, a plain string in 2.0. */
export function propertyOf(node: JsonObject): string | undefined {
  const discriminator = own(node, 'discriminator')
  if (typeof discriminator === 'string') return discriminator
  const name = isObject(discriminator) ? own(discriminator, 'propertyName') : undefined
  return typeof name === 'string' ? name : undefined
}

/** Explicit `mapping`: tag → schema. A value is a reference or a bare schema name. */
export function mappingOf(node: JsonObject, store: SchemaStore): Map<string, JsonObject> {
  const tags = new Map<string, JsonObject>()
  const discriminator = own(node, 'discriminator')
  const mapping = isObject(discriminator) ? own(discriminator, 'mapping') : undefined
  const resource = store.resources.get(node)
  if (!isObject(mapping) || resource === undefined) return tags
  for (const tag of Object.keys(mapping)) {
    const value = mapping[tag]
    if (typeof value !== 'string') continue
    const bare = /^[\w.-]+$/.test(value) && !value.includes('.json') && !value.includes('.yaml')
    const found = store.find(bare ? `#/components/schemas/${value}` : value, resource)
    if (typeof found !== 'string' && isObject(found.value) && store.resources.has(found.value))
      tags.set(tag, found.value)
  }
  return tags
}

/**
 * Schemas that extend a parent with a discriminator by `allOf`, by tag (OpenAPI 3.0 §4.7.25): where the parent
 * stands, they may stand too.
 */
export function collectHeirs(
  named: ReadonlyMap<string, Schema>,
  store: SchemaStore,
): Map<JsonObject, Map<string, JsonObject>> {
  const heirs = new Map<JsonObject, Map<string, JsonObject>>()
  const adopt = (heir: JsonObject, name: string, node: JsonObject, seen: Set<JsonObject>): void => {
    const parts = own(node, 'allOf')
    if (!Array.isArray(parts) || seen.has(node)) return
    seen.add(node)
    for (const part of parts as Schema[]) {
      const parent = isObject(part) ? store.targets.get(part) : undefined
      if (!isObject(parent) || parent === heir) continue
      if (
        propertyOf(parent) !== undefined &&
        own(parent, 'oneOf') === undefined &&
        own(parent, 'anyOf') === undefined
      ) {
        let tags = heirs.get(parent)
        if (tags === undefined) {
          tags = mappingOf(parent, store)
          heirs.set(parent, tags)
        }
        if (![...tags.values()].includes(heir)) tags.set(name, heir)
      }
      adopt(heir, name, parent, seen)
    }
  }
  for (const [name, schema] of named) if (isObject(schema)) adopt(schema, name, schema, new Set())
  for (const [parent, tags] of heirs) for (const [tag, heir] of tags) if (heir === parent) tags.delete(tag)
  return heirs
}

function nameOf(reference: unknown): string {
  const text = typeof reference === 'string' ? reference : ''
  return text
    .slice(text.lastIndexOf('/') + 1)
    .replaceAll('~1', '/')
    .replaceAll('~0', '~')
}

/** Validates with the one schema that the tag names. */
export class Dispatch implements Unit {
  readonly #property: string
  readonly #tags: ReadonlyMap<string, Unit>
  readonly #others: readonly Unit[]
  /** False: a tag that is not in the table is the business of the schema around. */
  readonly #strict: boolean
  #last: Unit | undefined

  constructor(property: string, tags: ReadonlyMap<string, Unit>, others: readonly Unit[], strict: boolean) {
    this.#property = property
    this.#tags = tags
    this.#others = others
    this.#strict = strict
  }

  run(value: unknown): boolean {
    return this.#judge(value, (unit) => unit.run(value))
  }

  runAll(value: unknown): boolean {
    return this.#judge(value, (unit) => unit.runAll(value))
  }

  errors(prefix: string): readonly ErrorObject[] {
    return this.#last === undefined ? below([this.#unknown()], prefix) : this.#last.errors(prefix)
  }

  errorsAll(prefix: string): readonly ErrorObject[] {
    return this.#last === undefined ? below([this.#unknown()], prefix) : this.#last.errorsAll(prefix)
  }

  #judge(value: unknown, run: (unit: Unit) => boolean): boolean {
    this.#last = undefined
    if (!isObject(value)) return this.#others.length === 0 ? !this.#strict : this.#others.some(run)
    const tag = own(value, this.#property)
    const unit = typeof tag === 'string' ? this.#tags.get(tag) : undefined
    if (unit === undefined) return !this.#strict
    if (run(unit)) return true
    this.#last = unit
    return false
  }

  #unknown(): ErrorObject {
    return {
      keyword: 'discriminator',
      instancePath: `/${this.#property.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      schemaPath: '',
      params: {},
    }
  }
}
