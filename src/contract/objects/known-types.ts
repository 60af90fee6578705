import type { DeclaredOperation, DeclaredParameter } from '../declared.ts'
import { isObject, type JsonObject, own, type Schema } from '../schema.ts'
import type { SchemaStore } from '../schemas/schema-store.ts'
import { typeOfComponent } from './entity-name.ts'
import type { IdMark, WrittenPlace } from './id-map.ts'
import { isNoObject, parseIdName, sameKind, typeOfCollection } from './id-name.ts'
import { nounOf, singularOf, wordsOf } from './noun.ts'

const people =
  /^(?:user|account|customer|member|profile|person|subscriber|patient|employee|traveller|traveler|player|client|student|guest|passenger|driver|participant|contact)$/

/** True where objects of a type are people, whose own id the caller's subject may be. */
export function isPersonType(type: string): boolean {
  return people.test(type)
}

/** What a contract's paths and components tell about its object types, before any place is looked at. */
export class KnownTypes {
  /** Type → names of path parameters that are its key though they do not say `id`: `username` of a user. */
  readonly keys: Map<string, Set<string>> = new Map()
  /** Component schema → its type; absent where the component is no object of its own. */
  readonly components: Map<JsonObject, string> = new Map()
  /** Scalar component schema named after an id: `BookingId` → `booking`. */
  readonly idSchemas: Map<JsonObject, string> = new Map()
  /** The type whose objects are the API's users, where there is one. */
  readonly person: string | undefined
  readonly store: SchemaStore
  readonly written: readonly WrittenPlace[]
  readonly #types = new Set<string>()

  constructor(
    declared: readonly DeclaredOperation[],
    named: ReadonlyMap<string, Schema>,
    store: SchemaStore,
    written: readonly WrittenPlace[],
  ) {
    this.store = store
    this.written = written
    for (const { type } of written) this.#types.add(type)
    this.#readComponents(named)
    for (const operation of declared)
      for (const parameter of operation.parameters) {
        if (parameter.in !== 'path') continue
        const mark = typePathParameter(operation, parameter, this)
        if (mark === undefined || mark.confidence === 'guess') continue
        this.#types.add(mark.type)
        const { kind } = parseIdName(parameter.name)
        if (kind === 'typed' || kind === 'bare') continue
        const keys = this.keys.get(mark.type) ?? new Set()
        keys.add(flat(parameter.name))
        this.keys.set(mark.type, keys)
      }
    this.person = ['user', 'account', 'customer', 'member', 'person'].find((type) => this.#types.has(type))
  }

  has(type: string): boolean {
    return this.#types.has(type)
  }

  /** The schema's own word: `x-sallyport: { object: booking }`, else the name of the `BookingId` it refers to. */
  ofSchema(schema: Schema | undefined): IdMark | undefined {
    let node = schema
    for (let hops = 0; isObject(node) && hops < 20; hops++) {
      const extension = own(node, 'x-sallyport')
      const object = isObject(extension) ? own(extension, 'object') : undefined
      if (typeof object === 'string' && object !== '')
        return { type: object, confidence: 'certain', reason: 'the contract says so' }
      const type = this.idSchemas.get(node)
      if (type !== undefined) return { type, confidence: 'certain', reason: 'its schema is an id by name' }
      node = this.store.targets.get(node)
    }
    return undefined
  }

  /** True where the schema holds a text or number of any value. */
  isOpenScalar(schema: Schema | undefined): boolean {
    const node = this.resolve(schema)
    if (!isObject(node)) return schema === undefined
    if (own(node, 'enum') !== undefined || own(node, 'const') !== undefined) return false
    const type = own(node, 'type')
    const types = Array.isArray(type) ? type : [type]
    return (
      types.includes('string') ||
      types.includes('integer') ||
      (types.includes(undefined) && !isObject(own(node, 'properties')))
    )
  }

  resolve(schema: Schema | undefined): Schema | undefined {
    let node = schema
    for (let hops = 0; isObject(node) && hops < 20; hops++) {
      const target = this.store.targets.get(node)
      if (target === undefined) return node
      node = target
    }
    return node
  }

  #readComponents(named: ReadonlyMap<string, Schema>): void {
    for (const [name, schema] of named) {
      if (!isObject(schema)) continue
      if (this.isOpenScalar(schema) && own(schema, 'type') !== undefined) {
        const id = parseIdName(name)
        if (id.kind === 'typed' && !id.many) this.idSchemas.set(schema, id.type)
      }
    }
    for (const [name, schema] of named) {
      if (!isObject(schema)) continue
      const { type } = typeOfComponent(name)
      if (type === '' || !hasOwnId(schema, type, this.store, 0)) continue
      this.components.set(schema, type)
      this.#types.add(type)
    }
  }
}

/** True where an object schema has a member that is its own id: `id`, or `bookingId` of a booking. */
function hasOwnId(schema: JsonObject, type: string, store: SchemaStore, depth: number): boolean {
  const properties = own(schema, 'properties')
  if (isObject(properties))
    for (const name of Object.keys(properties)) {
      const id = parseIdName(name)
      if (id.many) continue
      if (id.kind === 'bare' && wordsOf(name).length === 1 && name !== 'object' && name !== 'resource')
        return true
      if (id.kind === 'typed' && id.type === type) return true
    }
  if (depth > 4) return false
  const target = store.targets.get(schema)
  if (isObject(target)) return hasOwnId(target, type, store, depth + 1)
  const parts = own(schema, 'allOf')
  return (
    Array.isArray(parts) && parts.some((part) => isObject(part) && hasOwnId(part, type, store, depth + 1))
  )
}

/** A name without what styles differ in: `user_name` and `userName` are `username`. */
export function flat(name: string): string {
  return wordsOf(name).join('')
}

/** The literal segments before a parameter, nearest first; `gap` counts parameters in between. */
function before(template: string, name: string): { readonly text: string; readonly gap: number } | undefined {
  const segments = template.split('/')
  const at = segments.findIndex((segment) => segment.includes(`{${name}}`))
  let gap = 0
  for (let i = at - 1; i > 0; i--) {
    const text = segments[i] as string
    if (!text.includes('{')) return { text, gap }
    gap++
  }
  return undefined
}

export function typePathParameter(
  operation: DeclaredOperation,
  parameter: DeclaredParameter,
  types: KnownTypes,
): IdMark | undefined {
  const { name } = parameter
  const told = types.ofSchema(parameter.schema)
  if (told !== undefined) return told
  const id = parseIdName(name)
  const place = before(operation.template, name)
  const collection = place === undefined ? undefined : typeOfCollection(place.text)
  const near = place?.gap === 0 && collection !== undefined && collection.type !== ''
  const mark = (type: string, confidence: IdMark['confidence'], reason: string): IdMark => ({
    type,
    confidence,
    reason,
  })

  if (id.kind === 'typed') {
    if (near && collection !== undefined && sameKind(collection.type, id.type))
      return mark(longer(collection.type, id.type), 'certain', 'its name and the collection before it agree')
    return mark(id.type, 'certain', 'its name is that of an id')
  }
  if (id.kind === 'bare') {
    if (near && collection !== undefined)
      return mark(collection.type, 'certain', 'an id after its collection')
    const reply = typeOfReply(operation, types)
    if (reply !== undefined) return mark(reply, 'likely', 'an id of what the reply holds')
    if (collection !== undefined && collection.type !== '')
      return mark(collection.type, 'guess', 'an id some way after a collection')
    const tag = operation.tags[0]
    return mark(
      tag === undefined ? 'object' : nounOf(wordsOf(tag)) || 'object',
      'guess',
      'an id after no collection',
    )
  }
  if (near && collection !== undefined) {
    const own = nounOf(wordsOf(name))
    if (sameKind(collection.type, own))
      return mark(longer(collection.type, own), 'likely', 'named like a member of the collection before it')
    if (isNoObject(name)) return undefined
    if (id.kind === 'weak') return mark(collection.type, 'likely', 'a key after its collection')
    if (types.has(own)) return mark(own, 'likely', 'named like a known type')
    if (collection.plural || types.has(collection.type)) {
      if (!types.isOpenScalar(parameter.schema)) return undefined
      return mark(collection.type, 'guess', 'follows the name of a collection')
    }
    return mark(own, 'guess', 'a part of the path that may name an object')
  }
  if (isNoObject(name) || !types.isOpenScalar(parameter.schema)) return undefined
  if (id.kind === 'weak' && id.type !== '') return mark(id.type, 'likely', 'its name is that of a key')
  return mark(nounOf(wordsOf(name)) || 'object', 'guess', 'a part of the path that may name an object')
}

function longer(one: string, other: string): string {
  return wordsOf(one).length >= wordsOf(other).length ? one : other
}

/** Type that an operation's path is about: its last collection that is a known type, or its last parameter's. */
export function typeOfPath(operation: DeclaredOperation, types: KnownTypes): string | undefined {
  const segments = operation.template.split('/').filter((segment) => segment !== '' && !segment.includes('{'))
  for (const segment of segments.reverse()) {
    const { type, plural } = typeOfCollection(segment)
    if (types.has(type)) return type
    if (plural && singularOf(segment) !== segment) return type
  }
  return undefined
}

/** Type of the component that the first 2xx reply is, or is a list of. */
export function typeOfReply(operation: DeclaredOperation, types: KnownTypes): string | undefined {
  const response = operation.responses.find(({ status }) => status.startsWith('2'))
  let schema = response?.media?.find((one) => one.schema !== undefined)?.schema
  for (let hops = 0; isObject(schema) && hops < 8; hops++) {
    const type = types.components.get(schema)
    if (type !== undefined) return type
    const items: unknown = own(schema, 'items')
    schema = types.store.targets.get(schema) ?? (isObject(items) ? items : undefined)
  }
  return undefined
}
