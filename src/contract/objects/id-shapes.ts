import type { DeclaredMedia, DeclaredOperation, DeclaredResponse } from '../declared.ts'
import { isObject, type Schema } from '../schema.ts'
import type { SchemaStore } from '../schemas/schema-store.ts'
import { childrenOf, type Draft, overlay } from './id-draft.ts'
import type { IdMark, IdShape, OperationIds, ParameterId, UnreadIds, WrittenPlace } from './id-map.ts'
import { markOf, ownerOf } from './id-mark-of.ts'
import { typeMembers } from './id-members.ts'
import { parseIdName } from './id-name.ts'
import { typesIn } from './id-types.ts'
import { type KnownTypes, typeOfPath, typeOfReply } from './known-types.ts'
import { createdBy, lastOfPath } from './made-objects.ts'
import { type Site, SiteReader } from './site-reader.ts'

const linkName = /^(?:href|url|uri|link|links|self|location|next|prev|previous|first|last|canonical)$/
const linkWord = /(?:Url|Uri|URL|URI|Link|Href|_url|_uri|_link|_href)$/
/** A patch is a list of changes, not the object: see `patched`. */
const jsonRange =
  /^(?!application\/json-patch\+json$)(?:(?:application|text|\*)\/(?:\*|json|[a-z0-9.+-]+\+json)$|application\/(?:x-www-form-urlencoded|\*)$)/
const multipartRange = /^multipart\//
const maxShapes = 50_000

/** Builds where ids are in bodies and replies, one shape for each schema in its surroundings. */
export class IdShapes {
  readonly #types: KnownTypes
  readonly #reader: SiteReader
  readonly #drafts = new Map<string, Draft>()
  readonly #numbers = new Map<object, number>()

  constructor(
    named: ReadonlyMap<string, Schema>,
    store: SchemaStore,
    types: KnownTypes,
    written: readonly WrittenPlace[],
  ) {
    this.#types = types
    this.#reader = new SiteReader(named, store, types, written)
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
    const all = this.#reader.read(sites)
    const [first] = sites
    if (first?.property !== undefined && all.scalar)
      draft.id = markOf(first, all, this.#types, this.#reader.writtenType(first.schema))
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
    draft.owner = ownerOf(all, this.#types)
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

function unique(sites: readonly Site[]): readonly Site[] {
  return sites.length < 2
    ? sites
    : sites.filter(
        (site, i) =>
          sites.findIndex((other) => other.schema === site.schema && other.parent === site.parent) === i,
      )
}
