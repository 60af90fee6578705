import type { Operation } from '../kernel/operation.ts'
import { valueAt } from './document/sources.ts'
import type { IdMark, IdShape, ObjectIds } from './objects/id-map.ts'
import { isObject, type JsonObject, own } from './schema.ts'

/** What stands in the published contract for an id that is sealed. */
const description = 'Sealed: valid for the caller it was given to.'

/**
 * The contract as callers meet it: sealed ids are texts of `pattern`, whatever they are upstream, and `x-sallyport` is
 * gone. References into other files stay as they are written.
 */
export function publishContract(
  document: Readonly<Record<string, unknown>>,
  operations: readonly Operation[],
  ids: ObjectIds | undefined,
  sealed: ReadonlySet<string>,
  pattern: string,
): JsonObject {
  const copy = withoutExtensions(document) as JsonObject
  if (ids === undefined || sealed.size === 0) return copy
  const writer = new Publisher(copy, sealed, pattern)
  const paths = own(copy, 'paths')
  if (!isObject(paths)) return copy
  for (const operation of operations) {
    const item = own(paths, operation.template)
    const node = isObject(item) ? own(item, operation.method.toLowerCase()) : undefined
    const found = ids.operations.get(operation.slot)
    if (!isObject(item) || !isObject(node) || found === undefined) continue
    for (const list of [own(node, 'parameters'), own(item, 'parameters')])
      if (Array.isArray(list))
        writer.parameters(list, (place) => found.parameters.find((one) => `${one.in} ${one.name}` === place))
    if (found.body !== undefined) writer.content(writer.follow(own(node, 'requestBody')), found.body)
    const responses = own(node, 'responses')
    if (!isObject(responses)) continue
    for (const status of Object.keys(responses)) {
      const response = writer.follow(responses[status])
      const shape = found.reply(Number(status.toUpperCase().replace('XX', '00')) || 0)
      if (shape !== undefined) writer.content(response, shape)
      writer.headers(response, found.replyFields)
    }
  }
  return copy
}

class Publisher {
  readonly #root: JsonObject
  readonly #sealed: ReadonlySet<string>
  readonly #pattern: string
  readonly #seen = new Map<JsonObject, Set<IdShape>>()

  constructor(root: JsonObject, sealed: ReadonlySet<string>, pattern: string) {
    this.#root = root
    this.#sealed = sealed
    this.#pattern = pattern
  }

  follow(value: unknown): JsonObject | undefined {
    let node = value
    for (let hops = 0; isObject(node) && hops < 20; hops++) {
      const reference = own(node, '$ref')
      if (typeof reference !== 'string' || !reference.startsWith('#')) return node
      node = valueAt(this.#root, reference.slice(1))
    }
    return isObject(node) ? node : undefined
  }

  /** A parameter is shared by operations in which it means different things, so the list gets one of its own. */
  parameters(list: unknown[], markOf: (place: string) => IdMark | undefined): void {
    for (const [i, entry] of list.entries()) {
      const parameter = this.follow(entry)
      if (parameter === undefined) continue
      const where = String(own(parameter, 'in'))
      const name = String(own(parameter, 'name'))
      const mark = markOf(`${where} ${where === 'header' ? name.toLowerCase() : name}`)
      if (!this.#isSealed(mark)) continue
      const schema = this.follow(own(parameter, 'schema'))
      const list2 = schema !== undefined && own(schema, 'type') === 'array'
      const { example: _one, examples: _all, ...rest } = parameter
      list[i] = { ...rest, schema: list2 ? { type: 'array', items: this.#text() } : this.#text() }
    }
  }

  headers(response: JsonObject | undefined, marks: ReadonlyMap<string, IdMark>): void {
    const headers = response === undefined ? undefined : own(response, 'headers')
    if (!isObject(headers)) return
    for (const name of Object.keys(headers)) {
      const header = this.follow(headers[name])
      if (header !== undefined && this.#isSealed(marks.get(name.toLowerCase())))
        headers[name] = { ...header, schema: this.#text() }
    }
  }

  content(holder: JsonObject | undefined, shape: IdShape): void {
    const content = holder === undefined ? undefined : own(holder, 'content')
    if (!isObject(content)) return
    for (const media of Object.values(content)) {
      const node = this.follow(media)
      const schema = node === undefined ? undefined : own(node, 'schema')
      if (node === undefined || !isObject(schema)) continue
      if (this.#walk(schema, shape)) {
        // They show plain ids.
        delete node['example']
        delete node['examples']
      }
    }
  }

  /** Rewrites the ids below a schema; true where there is one. */
  #walk(schema: unknown, shape: IdShape): boolean {
    const node = this.follow(schema)
    if (node === undefined) return false
    const done = this.#seen.get(node) ?? new Set()
    if (done.has(shape)) return true
    done.add(shape)
    this.#seen.set(node, done)
    let found = false
    for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
      const parts = own(node, keyword)
      if (Array.isArray(parts))
        for (const [i, part] of parts.entries()) if (this.#child(parts, i, part, shape)) found = true
    }
    const properties = own(node, 'properties')
    if (isObject(properties))
      for (const [name, child] of shape.members)
        if (Object.hasOwn(properties, name) && this.#child(properties, name, properties[name], child))
          found = true
    if (
      shape.items !== undefined &&
      isObject(own(node, 'items')) &&
      this.#child(node, 'items', node['items'], shape.items)
    )
      found = true
    if (
      shape.rest !== undefined &&
      isObject(own(node, 'additionalProperties')) &&
      this.#child(node, 'additionalProperties', node['additionalProperties'], shape.rest)
    )
      found = true
    if (found) {
      delete node['example']
      delete node['examples']
      delete node['default']
    }
    return found
  }

  /** One place that holds a schema: an id there is replaced, what is around ids is walked. */
  #child(holder: object, key: string | number, schema: unknown, shape: IdShape): boolean {
    const node = this.follow(schema)
    if (node === undefined) return false
    if (!this.#isSealed(shape.id) || !isScalar(node)) return this.#walk(schema, shape)
    ;(holder as Record<string | number, unknown>)[key] = this.#text(isNullable(node))
    return true
  }

  #isSealed(mark: IdMark | undefined): boolean {
    return mark !== undefined && mark.confidence !== 'guess' && this.#sealed.has(mark.type)
  }

  #text(nullable = false): JsonObject {
    return { type: nullable ? ['string', 'null'] : 'string', pattern: this.#pattern, description }
  }
}

function typesOf(node: JsonObject): readonly unknown[] {
  const type = own(node, 'type')
  return Array.isArray(type) ? type : [type]
}

function isScalar(node: JsonObject): boolean {
  const types = typesOf(node)
  if (types.includes('string') || types.includes('integer') || types.includes('number')) return true
  return (
    types.includes(undefined) &&
    !['properties', 'items', 'allOf', 'anyOf', 'oneOf'].some((key) => own(node, key) !== undefined)
  )
}

function isNullable(node: JsonObject): boolean {
  return typesOf(node).includes('null')
}

/** A deep copy without `x-sallyport`, which is nobody's business outside. */
function withoutExtensions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutExtensions)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .filter((key) => key !== 'x-sallyport')
      .map((key) => [key, withoutExtensions(value[key])]),
  )
}
