import {
  isObject,
  isSchema,
  type JsonObject,
  own,
  type Schema,
  schemaKeywords,
  schemaListKeywords,
  schemaMapKeywords,
} from '../schema.ts'
import { isFlagged } from './direction-flag.ts'
import type { SchemaStore } from './schema-store.ts'
import { isSensitive } from './sensitive.ts'

const one = new Set(schemaKeywords)
const lists = new Set(schemaListKeywords)
const maps = new Set(schemaMapKeywords)

/** What is of no use outside of the document, or names places in it. */
const dropped = new Set([
  '$ref',
  '$dynamicRef',
  '$id',
  'id',
  '$schema',
  '$anchor',
  '$dynamicAnchor',
  '$comment',
  '$defs',
  'definitions',
  'discriminator',
  'xml',
  'externalDocs',
  'example',
  'examples',
  'readOnly',
  'writeOnly',
])

/** What a reply may lose on its way through the gate: members, the wording of texts, elements. */
const loosened = new Set([
  'required',
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'dependentRequired',
  'dependentSchemas',
  'minProperties',
  'maxProperties',
  'minItems',
  'contains',
  'minContains',
  'maxContains',
  'uniqueItems',
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'const',
  'enum',
  'not',
  'if',
  'then',
  'else',
])

/**
 * Copies schemas of a contract so that they stand alone: references become `#/$defs/NAME`, what is the document's own
 * business is gone (`x-` members, examples, `readOnly` members of requests, `writeOnly` and sensitive ones of replies).
 */
export class SchemaCopy {
  /** `$defs` of the copy. */
  readonly definitions: JsonObject = {}
  readonly #store: SchemaStore
  readonly #direction: 'request' | 'reply'
  readonly #names = new Map<JsonObject, string>()

  constructor(store: SchemaStore, direction: 'request' | 'reply') {
    this.#store = store
    this.#direction = direction
  }

  of(schema: Schema): Schema {
    if (typeof schema === 'boolean') return schema
    const target = this.#store.targets.get(schema) ?? this.#store.dynamicTargets.get(schema)?.target
    if (target === undefined) return this.#members(schema)
    if (typeof target === 'boolean') return target
    return { ...this.#members(schema), $ref: `#/$defs/${this.#define(schema, target)}` }
  }

  /** The same, with the reference at the very top followed. */
  root(schema: Schema): Schema {
    let node = schema
    for (let hops = 0; isObject(node) && hops < 20; hops++) {
      const target = this.#store.targets.get(node)
      if (target === undefined) break
      node = target
    }
    return this.of(node)
  }

  #define(reference: JsonObject, target: JsonObject): string {
    const known = this.#names.get(target)
    if (known !== undefined) return known
    const written = String(own(reference, '$ref') ?? own(reference, '$dynamicRef') ?? '')
    const wanted = written.replace(/^.*[/#]/, '').replace(/[^A-Za-z0-9_.-]/g, '_') || 'schema'
    let name = wanted
    for (let i = 2; Object.hasOwn(this.definitions, name) || name === '__proto__'; i++)
      name = `${wanted}_${i}`
    this.#names.set(target, name)
    this.definitions[name] = {}
    this.definitions[name] = this.of(target)
    return name
  }

  #members(node: JsonObject): JsonObject {
    const copy: JsonObject = {}
    for (const key of Object.keys(node)) {
      if (dropped.has(key) || key.startsWith('x-')) continue
      if (this.#direction === 'reply' && loosened.has(key)) continue
      const value = node[key]
      if (one.has(key)) copy[key] = isSchema(value) ? this.of(value) : value
      else if (lists.has(key))
        copy[key] = Array.isArray(value) ? value.map((part: Schema) => this.of(part)) : value
      else if (maps.has(key)) copy[key] = isObject(value) ? this.#map(value, key === 'properties') : value
      else copy[key] = structuredClone(value)
    }
    // A reply that took one branch may have lost what told the branches apart.
    if (this.#direction === 'reply' && Array.isArray(copy['oneOf'])) {
      copy['anyOf'] ??= copy['oneOf']
      delete copy['oneOf']
    }
    const { required, properties } = copy
    if (Array.isArray(required) && isObject(properties) && isObject(node['properties'])) {
      const left = node['properties']
      copy['required'] = required.filter(
        (name: string) => Object.hasOwn(properties, name) || !Object.hasOwn(left, name),
      )
    }
    return copy
  }

  #map(map: JsonObject, properties: boolean): JsonObject {
    const names = Object.keys(map).filter((name) => name !== '__proto__')
    return Object.fromEntries(
      names.flatMap((name) => {
        const value = map[name]
        if (!isSchema(value) || (properties && this.#isHidden(value))) return []
        return [[name, this.of(value)]]
      }),
    )
  }

  #isHidden(schema: Schema): boolean {
    if (this.#direction === 'request') return isFlagged(schema, 'readOnly', this.#store)
    return isFlagged(schema, 'writeOnly', this.#store) || isSensitive(schema, this.#store)
  }
}
