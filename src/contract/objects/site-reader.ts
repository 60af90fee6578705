import { isObject, type JsonObject, own, type Schema } from '../schema.ts'
import type { SchemaStore } from '../schemas/schema-store.ts'
import { isEnvelope, typeOfComponent } from './entity-name.ts'
import type { IdMark, WrittenPlace } from './id-map.ts'
import { sameKind } from './id-name.ts'
import type { KnownTypes } from './known-types.ts'
import { nounOf, wordsOf } from './noun.ts'

/** A schema with what is around it: the type of object whose part it is, and the property it is the value of. */
export interface Site {
  readonly schema: Schema
  /** Type of the object that the value is, or is an envelope of. */
  readonly entity: string | undefined
  readonly property: string | undefined
  /** Type of the object that has it as property. */
  readonly parent: string | undefined
}

/** What a site's schema comes to, references and compositions followed. */
export interface Flat {
  scalar: boolean
  told: IdMark | undefined
  uri: boolean
  readonly members: Map<string, Site[]>
  readonly items: Site[]
  readonly rest: Site[]
}

/** Follows references and compositions of schemas, and keeps of each member whose part it is. */
export class SiteReader {
  readonly #names = new Map<JsonObject, string>()
  readonly #store: SchemaStore
  readonly #types: KnownTypes
  readonly #written: ReadonlyMap<string, string>
  readonly #told = new Map<JsonObject, string>()

  constructor(
    named: ReadonlyMap<string, Schema>,
    store: SchemaStore,
    types: KnownTypes,
    written: readonly WrittenPlace[],
  ) {
    this.#store = store
    this.#types = types
    for (const [name, schema] of named) if (isObject(schema)) this.#names.set(schema, name)
    this.#written = new Map(written.map(({ type, place }) => [place, type]))
  }

  /** What the schemas of one place come to together. */
  read(sites: readonly Site[]): Flat {
    const all: Flat = { scalar: false, told: undefined, uri: false, members: new Map(), items: [], rest: [] }
    for (const site of sites) this.#flatten(site, all, new Set())
    return all
  }

  /** The type that the configuration writes for a property, once its component has been read. */
  writtenType(schema: Schema): string | undefined {
    return isObject(schema) ? this.#told.get(schema) : undefined
  }

  #flatten(site: Site, out: Flat, seen: Set<JsonObject>): void {
    const { schema, property } = site
    if (!isObject(schema) || seen.has(schema)) return
    seen.add(schema)
    const name = this.#names.get(schema)
    const entity = name === undefined ? site.entity : this.#entityOf(schema, name, site.entity)
    const told = this.#types.ofSchema(schema)
    if (told !== undefined) out.told ??= told
    const inner = { ...site, entity }
    const target = this.#store.targets.get(schema) ?? this.#store.dynamicTargets.get(schema)?.target
    if (target !== undefined) this.#flatten({ ...inner, schema: target }, out, seen)
    this.#flattenParts(schema, inner, out, seen)
    const type = own(schema, 'type')
    const types: readonly unknown[] = Array.isArray(type) ? type : [type]
    const properties = own(schema, 'properties')
    if (isObject(properties)) {
      for (const key of Object.keys(properties)) {
        const child = properties[key]
        if (!isObject(child)) continue
        const list = out.members.get(key) ?? []
        list.push({ schema: child, entity: this.#below(key, child, entity), property: key, parent: entity })
        if (name !== undefined) this.#mention(name, key, child)
        out.members.set(key, list)
      }
    }
    const items = own(schema, 'items')
    if (isObject(items)) out.items.push({ ...inner, schema: items })
    const rest = own(schema, 'additionalProperties')
    if (isObject(rest)) out.rest.push({ schema: rest, entity, property: undefined, parent: entity })
    if (types.includes('string') || types.includes('integer') || types.includes('number')) {
      if (own(schema, 'enum') === undefined && own(schema, 'const') === undefined) out.scalar = true
      const format = own(schema, 'format')
      if (format === 'uri' || format === 'uri-reference' || format === 'url' || format === 'iri')
        out.uri = true
    } else if (type === undefined && target === undefined && property !== undefined && isPlain(schema))
      out.scalar = true
  }

  /** Compositions. An object that extends another is itself; each alternative is what it is by its own name. */
  #flattenParts(schema: JsonObject, site: Site, out: Flat, seen: Set<JsonObject>): void {
    const all = own(schema, 'allOf')
    if (Array.isArray(all)) {
      let entity = site.entity
      if (!this.#names.has(schema))
        for (const part of all) {
          const type = isObject(part) ? this.#typeOf(part) : undefined
          if (type !== undefined) entity = type
        }
      const fixed = entity === undefined ? undefined : new Set<string>([entity])
      for (const part of all as Schema[]) {
        const before = new Map([...out.members].map(([name, list]) => [name, list.length]))
        this.#flatten({ ...site, entity, schema: part }, out, seen)
        // What a base brings belongs to the object that extends it.
        if (fixed !== undefined && entity !== undefined)
          for (const [name, list] of out.members)
            for (let i = before.get(name) ?? 0; i < list.length; i++) {
              const one = list[i] as Site
              if (one.parent !== undefined && isBaseOf(one.parent, entity, this.#types))
                list[i] = { ...one, parent: entity }
            }
      }
    }
    for (const keyword of ['anyOf', 'oneOf']) {
      const parts = own(schema, keyword)
      if (Array.isArray(parts))
        for (const part of parts as Schema[]) this.#flatten({ ...site, schema: part }, out, seen)
    }
    for (const keyword of ['then', 'else']) {
      const part = own(schema, keyword)
      if (isObject(part)) this.#flatten({ ...site, schema: part }, out, seen)
    }
    const heirs = this.#store.heirs.get(schema)
    if (heirs !== undefined)
      for (const heir of heirs.values()) this.#flatten({ ...site, schema: heir }, out, seen)
  }

  /** The type of a component: its own; that around it where it only wraps; none where it is a part without an id. */
  #entityOf(schema: JsonObject, name: string, around: string | undefined): string | undefined {
    const type = this.#types.components.get(schema)
    if (type !== undefined) return type
    const told = typeOfComponent(name)
    if (told.wraps || told.type === '') return around
    return this.#types.has(told.type)
      ? told.type
      : around !== undefined && sameKind(told.type, around)
        ? around
        : undefined
  }

  /** The type that a reference or schema names, where it is an object of its own. */
  #typeOf(schema: JsonObject): string | undefined {
    const target = this.#store.targets.get(schema)
    const node = isObject(target) ? target : schema
    return this.#types.components.get(node)
  }

  /** The type of the object that a property holds, or holds a list of. */
  #below(property: string, schema: JsonObject, entity: string | undefined): string | undefined {
    if (isEnvelope(property)) return entity
    const type = nounOf(wordsOf(property))
    if (this.#types.has(type)) return type
    const node = this.#types.resolve(schema)
    if (!isObject(node) || own(node, 'properties') !== undefined || own(node, 'items') !== undefined)
      return type
    return undefined
  }

  #mention(component: string, property: string, child: JsonObject): void {
    const type = this.#written.get(`${component}.${property}`)
    if (type !== undefined) this.#told.set(child, type)
  }
}

function isBaseOf(parent: string, entity: string, types: KnownTypes): boolean {
  return parent !== entity && (sameKind(parent, entity) || !types.has(parent))
}

/** True where a schema without a type says nothing that only objects and lists have. */
function isPlain(schema: JsonObject): boolean {
  return !['properties', 'items', 'allOf', 'anyOf', 'oneOf', 'additionalProperties', 'enum', 'const'].some(
    (key) => own(schema, key) !== undefined,
  )
}
