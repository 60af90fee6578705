import type { DeclaredMedia, DeclaredOperation, DeclaredResponse } from '../declared.ts'
import { isObject, type JsonObject, own, type Schema } from '../schema.ts'
import type { SchemaStore } from '../schemas/schema-store.ts'
import { isEnvelope, typeOfComponent } from './entity-name.ts'
import type { IdMark, IdShape, OperationIds, ParameterId, UnreadIds, WrittenPlace } from './id-map.ts'
import { typeMembers } from './id-members.ts'
import { actors, isCallId, isQualified, parseIdName, sameKind } from './id-name.ts'
import { flat, isPersonType, type KnownTypes, typeOfPath, typeOfReply } from './id-parameters.ts'
import { typesIn } from './id-types.ts'
import { createdBy, lastOfPath } from './made-objects.ts'
import { nounOf, wordsOf } from './noun.ts'

/** A shape while it is built: its members are filled in after it is known to those that contain it. */
interface Draft {
  id: IdMark | undefined
  link: boolean
  leads: boolean
  members: Map<string, Draft>
  items: Draft | undefined
  rest: Draft | undefined
  owner: string | undefined
}

/** A schema with what is around it: the type of object whose part it is, and the property it is the value of. */
interface Site {
  readonly schema: Schema
  /** Type of the object that the value is, or is an envelope of. */
  readonly entity: string | undefined
  readonly property: string | undefined
  /** Type of the object that has it as property. */
  readonly parent: string | undefined
}

/** What a site's schema comes to, references and compositions followed. */
interface Flat {
  scalar: boolean
  told: IdMark | undefined
  uri: boolean
  readonly members: Map<string, Site[]>
  readonly items: Site[]
  readonly rest: Site[]
}

const linkName = /^(?:href|url|uri|link|links|self|location|next|prev|previous|first|last|canonical)$/
const linkWord = /(?:Url|Uri|URL|URI|Link|Href|_url|_uri|_link|_href)$/
/** A patch is a list of changes, not the object: see `patched`. */
const jsonRange =
  /^(?!application\/json-patch\+json$)(?:(?:application|text|\*)\/(?:\*|json|[a-z0-9.+-]+\+json)$|application\/(?:x-www-form-urlencoded|\*)$)/
const multipartRange = /^multipart\//
const maxShapes = 50_000

/** Builds where ids are in bodies and replies, one shape for each schema in its surroundings. */
export class IdShapes {
  readonly #names = new Map<JsonObject, string>()
  readonly #store: SchemaStore
  readonly #types: KnownTypes
  readonly #written: ReadonlyMap<string, string>
  readonly #drafts = new Map<string, Draft>()
  readonly #numbers = new Map<object, number>()

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

  operation(operation: DeclaredOperation, slot: number, parameters: readonly ParameterId[]): OperationIds {
    const entity = this.#entityOfPath(operation, parameters)
    const replies = new Map<string, IdShape>()
    const replyFields = new Map<string, IdMark>()
    for (const response of operation.responses) {
      const shape = this.#linked(this.#shapeOf(response.media, entity), response)
      if (shape !== undefined) replies.set(response.status, shape)
      for (const name of response.headers) {
        const id = parseIdName(name.replace(/^x-/i, ''))
        if (id.kind === 'typed' && this.#types.has(id.type))
          replyFields.set(name.toLowerCase(), {
            type: id.type,
            confidence: 'likely',
            reason: 'its name is that of an id',
          })
      }
    }
    const { members, packed } = typeMembers(operation, this.#types)
    return {
      slot,
      parameters,
      members,
      body: this.#shapeOf(operation.body?.media, entity, true),
      patched: undefined,
      unread: [
        ...packed.map(({ parameter, types }) => ({
          place: `${parameter.in}.${parameter.name}`,
          range: undefined,
          types,
        })),
        ...this.#others(operation.body?.media, entity, 'body'),
      ],
      unsealable: operation.responses.flatMap(({ status, media }) =>
        this.#others(media, entity, `reply ${status}`, true),
      ),
      reply: (status) =>
        replies.get(String(status)) ?? replies.get(`${Math.floor(status / 100)}XX`) ?? replies.get('default'),
      replyFields,
      creates: createdBy(operation, entity ?? typeOfReply(operation, this.#types)),
      removes: operation.method === 'DELETE' ? lastOfPath(operation, parameters) : undefined,
    }
  }

  /** `parts`: fields of a multipart body count as well. */
  #shapeOf(
    media: readonly DeclaredMedia[] | undefined,
    entity: string | undefined,
    parts = false,
  ): IdShape | undefined {
    return this.#shape(
      (media ?? []).filter(({ range }) => jsonRange.test(range) || (parts && multipartRange.test(range))),
      entity,
    )
  }

  #shape(media: readonly DeclaredMedia[], entity: string | undefined): IdShape | undefined {
    const sites: Site[] = []
    for (const { schema } of media)
      if (schema !== undefined) sites.push({ schema, entity, property: undefined, parent: undefined })
    if (sites.length === 0) return undefined
    const draft = this.#draft(sites)
    return this.#useful.has(draft) ? draft : undefined
  }

  /** Ids in media types that are not read as JSON or as a form. */
  #others(
    media: readonly DeclaredMedia[] | undefined,
    entity: string | undefined,
    where: string,
    wide = false,
  ): UnreadIds[] {
    return (media ?? []).flatMap((one) => {
      const json = jsonRange.test(one.range) || one.range === 'application/json-patch+json'
      if (json && !(wide && one.range.includes('*'))) return []
      const types = typesIn(this.#shape([one], entity))
      return types.size === 0 ? [] : [{ place: `${one.range} ${where}`, range: one.range, types }]
    })
  }

  /** Builds every shape of an operation. Once all are built, `settle` cuts off what holds no id. */
  prepare(operation: DeclaredOperation, parameters: readonly ParameterId[]): void {
    const entity = this.#entityOfPath(operation, parameters)
    this.#shapeOf(operation.body?.media, entity, true)
    for (const { media } of operation.responses) this.#shapeOf(media, entity)
    for (const media of [operation.body?.media, ...operation.responses.map((one) => one.media)])
      for (const one of media ?? []) if (!jsonRange.test(one.range)) this.#shape([one], entity)
  }

  /** Cuts off members without an id at any depth, so that walks end early. */
  settle(): void {
    const parents = new Map<Draft, Draft[]>()
    const drafts = [...this.#drafts.values()]
    for (const draft of drafts)
      for (const child of childrenOf(draft)) {
        const list = parents.get(child)
        if (list === undefined) parents.set(child, [draft])
        else list.push(draft)
      }
    for (const draft of drafts) if (draft.id !== undefined || draft.link) this.#useful.add(draft)
    for (const draft of this.#useful) for (const parent of parents.get(draft) ?? []) this.#useful.add(parent)
    for (const draft of drafts) {
      for (const [name, child] of draft.members) if (!this.#useful.has(child)) draft.members.delete(name)
      if (draft.items !== undefined && !this.#useful.has(draft.items)) draft.items = undefined
      if (draft.rest !== undefined && !this.#useful.has(draft.rest)) draft.rest = undefined
    }
  }
  readonly #useful = new Set<Draft>()

  #entityOfPath(operation: DeclaredOperation, parameters: readonly ParameterId[]): string | undefined {
    return typeOfPath(operation, this.#types) ?? parameters.findLast((one) => one.in === 'path')?.type
  }

  #draft(sites: readonly Site[]): Draft {
    const key = sites.map((site) => this.#keyOf(site)).join('|')
    const known = this.#drafts.get(key)
    if (known !== undefined) return known
    const draft: Draft = {
      id: undefined,
      link: false,
      leads: false,
      members: new Map(),
      items: undefined,
      rest: undefined,
      owner: undefined,
    }
    if (this.#drafts.size >= maxShapes) return draft
    this.#drafts.set(key, draft)
    const all: Flat = { scalar: false, told: undefined, uri: false, members: new Map(), items: [], rest: [] }
    for (const site of sites) this.#flatten(site, all, new Set())
    const [first] = sites
    if (first?.property !== undefined && all.scalar) draft.id = this.#markOf(first, all)
    else if (first !== undefined && all.told !== undefined) draft.id = all.told
    draft.link =
      all.uri ||
      (all.scalar &&
        first?.property !== undefined &&
        (linkName.test(first.property) || linkWord.test(first.property)))
    if (draft.id !== undefined) draft.link = false
    draft.leads = draft.link && first?.property !== undefined && linkName.test(first.property)
    for (const [name, below] of all.members) draft.members.set(name, this.#draft(unique(below)))
    if (all.items.length > 0) draft.items = this.#draft(unique(all.items))
    if (all.rest.length > 0) draft.rest = this.#draft(unique(all.rest))
    draft.owner = this.#ownerOf(all)
    return draft
  }

  #keyOf(site: Site): string {
    let number = 0
    if (isObject(site.schema)) {
      number = this.#numbers.get(site.schema) ?? this.#numbers.size + 1
      this.#numbers.set(site.schema, number)
    }
    return `${number} ${site.entity ?? ''} ${site.property ?? ''} ${site.parent ?? ''}`
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
  readonly #told = new Map<JsonObject, string>()

  #markOf(site: Site, all: Flat): IdMark | undefined {
    const property = site.property as string
    const told = isObject(site.schema) ? this.#told.get(site.schema) : undefined
    const { parent } = site
    const itself = (type: string): { own: true } | undefined =>
      parent !== undefined && sameKind(parent, type) && !isQualified(property) ? { own: true } : undefined
    if (told !== undefined)
      return { type: told, confidence: 'certain', reason: 'the configuration says so', ...itself(told) }
    if (all.told !== undefined) return { ...all.told, ...itself(all.told.type) }
    const id = parseIdName(property)
    const types = this.#types
    if (isCallId(property)) return undefined
    if (id.kind === 'typed') {
      const [first] = wordsOf(id.type)
      if (first !== undefined && actors.has(first) && types.person !== undefined && !types.has(id.type))
        return { type: types.person, confidence: 'likely', reason: 'the id of somebody' }
      if (parent !== undefined && sameKind(parent, id.type))
        return isQualified(property) || id.many
          ? { type: parent, confidence: 'certain', reason: 'the id of another of its kind' }
          : { type: parent, confidence: 'certain', reason: 'the object’s own id', own: true }
      return {
        type: id.type,
        confidence: types.has(id.type) ? 'certain' : 'likely',
        reason: 'its name is that of an id',
      }
    }
    if (id.kind === 'bare' && /id$|^_id$|pk$|urn$|identifier$/i.test(property)) {
      if (parent === undefined) return undefined
      const own2 = wordsOf(property).length === 1
      return {
        type: parent,
        confidence: types.has(parent) ? 'certain' : 'likely',
        reason: own2 ? 'the object’s own id' : 'the id of another of its kind',
        ...(own2 && !id.many && { own: true }),
      }
    }
    if (parent !== undefined && types.keys.get(parent)?.has(flat(property)) === true)
      return { type: parent, confidence: 'certain', reason: 'the key that paths name it by', own: true }
    const noun = nounOf(wordsOf(property))
    if (types.has(noun) && noun !== parent && id.kind === 'none')
      return {
        type: noun,
        confidence: all.members.size > 0 ? 'likely' : 'guess',
        reason: 'named like a known type',
      }
    return undefined
  }

  /** The member that names an object's owner: a person's id in an object that is no person. */
  #ownerOf(all: Flat): string | undefined {
    for (const [name, [site]] of all.members) {
      if (site?.parent === undefined || isPersonType(site.parent)) continue
      const id = parseIdName(name)
      const [first] = wordsOf(name)
      if (id.kind === 'typed' && !id.many && (isPersonType(id.type) || actors.has(id.type))) return name
      if (id.kind === 'none' && first !== undefined && actors.has(first) && wordsOf(name).length === 1) {
        const node = this.#types.resolve(site.schema)
        if (isObject(node) && own(node, 'type') === 'string') return name
      }
    }
    return undefined
  }

  /** Marks what OpenAPI links of a response use as parameter of another operation. */
  #linked(shape: IdShape | undefined, response: DeclaredResponse): IdShape | undefined {
    let marked = shape
    for (const { pointer, parameter } of response.links) {
      const id = parseIdName(parameter)
      if (id.kind !== 'typed' || pointer === '') continue
      const mark: IdMark = { type: id.type, confidence: 'certain', reason: 'a link of the contract uses it' }
      marked = overlay(marked, pointer.slice(1).split('/'), mark)
    }
    return marked
  }
}

const emptyShape: IdShape = {
  id: undefined,
  link: false,
  leads: false,
  members: new Map(),
  items: undefined,
  rest: undefined,
  owner: undefined,
}

/** A copy along one pointer, with a mark at its end; what is marked already stays. */
function overlay(shape: IdShape | undefined, tokens: readonly string[], mark: IdMark): IdShape {
  const base = shape ?? emptyShape
  const [raw, ...rest] = tokens
  if (raw === undefined) return base.id === undefined ? { ...base, id: mark, link: false } : base
  const token = raw.replaceAll('~1', '/').replaceAll('~0', '~')
  if (/^\d+$/.test(token)) return { ...base, items: overlay(base.items, rest, mark) }
  return {
    ...base,
    members: new Map([...base.members, [token, overlay(base.members.get(token), rest, mark)]]),
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

function unique(sites: readonly Site[]): readonly Site[] {
  return sites.length < 2
    ? sites
    : sites.filter(
        (site, i) =>
          sites.findIndex((other) => other.schema === site.schema && other.parent === site.parent) === i,
      )
}

function childrenOf(draft: Draft): Draft[] {
  const children = [...draft.members.values()]
  if (draft.items !== undefined) children.push(draft.items)
  if (draft.rest !== undefined) children.push(draft.rest)
  return children
}
