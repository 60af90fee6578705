import type { Source } from '../document/read-source.ts'
import { quoted, type Report } from '../document/report.ts'
import { type Sources, valueAt } from '../document/sources.ts'
import { eachSubschema, isObject, isSchema, type JsonObject, own, type Schema } from '../schema.ts'
import { checkSchema } from './check-schema.ts'
import { formats } from './formats.ts'
import { saysSensitive } from './says-sensitive.ts'
import { type Dialect, upgradeSchema } from './upgrade-schema.ts'

/** A schema resource: what references inside it are relative to. */
export interface Resource {
  readonly uri: string
  readonly root: unknown
  readonly source: Source
  readonly pointer: string
  readonly dialect: Dialect
  /** `$dynamicAnchor` name → node. */
  readonly dynamic: Map<string, JsonObject>
}

interface Pending {
  readonly node: JsonObject
  readonly keyword: '$ref' | '$dynamicRef'
  readonly resource: Resource
  readonly pointer: string
}

const dialects: ReadonlyMap<string, Dialect> = new Map([
  ['http://json-schema.org/draft-04/schema', 'draft-4'],
  ['http://json-schema.org/draft-06/schema', 'draft-7'],
  ['http://json-schema.org/draft-07/schema', 'draft-7'],
  ['https://json-schema.org/draft/2019-09/schema', '2020-12'],
  ['https://json-schema.org/draft/2020-12/schema', '2020-12'],
  ['https://spec.openapis.org/oas/3.1/dialect/base', '2020-12'],
])

/**
 * All schemas of a contract: found, their references resolved, rewritten to 2020-12, each keyword checked.
 * `add` every schema, then `settle` once; from then on the nodes are read-only.
 */
export class SchemaStore {
  /** Node with `$ref` → what it names; `false` (nothing is valid) where it names nothing. */
  readonly targets: Map<JsonObject, Schema> = new Map()
  /** Node with `$dynamicRef` → its static target, and the anchor to look for in the dynamic scope. */
  readonly dynamicTargets: Map<JsonObject, { readonly target: Schema; readonly anchor: string | undefined }> =
    new Map()
  /** Resource of each node. */
  readonly resources: Map<JsonObject, Resource> = new Map()
  /** Parent schema with a discriminator → tag → schema that extends it by `allOf`. */
  heirs: ReadonlyMap<JsonObject, ReadonlyMap<string, JsonObject>> = new Map()
  /** True when a schema says `readOnly` or `writeOnly`. */
  directed = false
  /** True where a schema says that its values never leave. */
  sensitive = false
  readonly #report: Report
  readonly #sources: Sources | undefined
  readonly #dialect: Dialect
  readonly #places = new Map<JsonObject, string>()
  readonly #byUri = new Map<string, Resource>()
  readonly #anchors = new Map<string, JsonObject>()
  readonly #pending: Pending[] = []
  /** Formats that are checked, say nothing, or were told of. */
  readonly #formats = new Set([...formats.keys(), 'password', 'binary'])

  constructor(report: Report, dialect: Dialect, sources?: Sources) {
    this.#report = report
    this.#dialect = dialect
    this.#sources = sources
  }

  /** The resource that a whole file is. */
  resourceOf(source: Source): Resource {
    let resource = this.#byUri.get(source.uri)
    if (resource === undefined) {
      resource = {
        uri: source.uri,
        root: source.value,
        source,
        pointer: '',
        dialect: this.#dialect,
        dynamic: new Map(),
      }
      this.#byUri.set(source.uri, resource)
    }
    return resource
  }

  /** Adds a schema and everything in it. */
  add(schema: Schema, resource: Resource, pointer: string): void {
    if (typeof schema === 'boolean' || this.resources.has(schema)) return
    const inner = this.#identify(schema, resource, pointer)
    this.resources.set(schema, inner)
    this.#places.set(schema, pointer)
    const legacy = inner.dialect !== '2020-12'
    const reference = own(schema, '$ref')
    if (typeof reference === 'string') {
      this.#pending.push({ node: schema, keyword: '$ref', resource: inner, pointer })
      if (legacy) {
        const hidden = own(schema, 'definitions')
        if (isObject(hidden))
          for (const name of Object.keys(hidden)) {
            const child = hidden[name]
            if (isSchema(child)) this.add(child, inner, `${pointer}/definitions/${name}`)
          }
        return
      }
    }
    if (!legacy && typeof own(schema, '$dynamicRef') === 'string')
      this.#pending.push({ node: schema, keyword: '$dynamicRef', resource: inner, pointer })
    if (own(schema, 'readOnly') === true || own(schema, 'writeOnly') === true) this.directed = true
    if (saysSensitive(schema)) {
      this.sensitive = true
      this.directed = true
    }
    eachSubschema(schema, legacy, (child, below) => this.add(child, inner, pointer + below))
  }

  /** Resolves every reference, upgrades and checks every node. */
  settle(): void {
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) this.#resolve(next)
    for (const [node, resource] of [...this.resources]) {
      const pointer = this.#places.get(node) ?? ''
      const wrapped = upgradeSchema(node, resource.dialect)
      this.#check(node, resource, pointer)
      if (wrapped !== undefined) {
        this.resources.set(wrapped, resource)
        this.#places.set(wrapped, pointer)
        this.#check(wrapped, resource, pointer)
      }
    }
  }

  pointerOf(node: JsonObject): string {
    return this.#places.get(node) ?? ''
  }

  #check(node: JsonObject, resource: Resource, pointer: string): void {
    const format = own(node, 'format')
    if (typeof format === 'string' && !this.#formats.has(format)) {
      this.#formats.add(format)
      this.#report.note(
        'contract.format-unknown',
        `format ${quoted(format)} is not known and not checked`,
        resource.source,
        `${pointer}/format`,
        'add a `pattern` where the form matters',
      )
    }
    for (const problem of checkSchema(node)) {
      const place = pointer + problem.pointer
      if (problem.severity === 'error')
        this.#report.error('contract.schema', problem.message, resource.source, place, problem.fix)
      else
        this.#report.warn(
          'contract.schema-ignored',
          `${problem.message}; it is ignored`,
          resource.source,
          place,
        )
    }
  }

  /** Registers `$id`, `$anchor`, `$dynamicAnchor`; returns the resource the node is in. */
  #identify(node: JsonObject, outer: Resource, pointer: string): Resource {
    let resource = outer
    const written = own(node, '$schema')
    const dialect = typeof written === 'string' ? dialects.get(written.replace(/#$/, '')) : undefined
    const id =
      own(node, outer.dialect === 'draft-4' && dialect === undefined ? 'id' : '$id') ??
      (dialect === 'draft-4' ? own(node, 'id') : undefined)
    const hidden = (dialect ?? outer.dialect) !== '2020-12' && typeof own(node, '$ref') === 'string'
    if (typeof id === 'string' && !id.startsWith('#') && !hidden) {
      const uri = joined(id, outer.uri)
      if (uri !== undefined) {
        resource = {
          ...outer,
          uri,
          root: node,
          pointer,
          dialect: dialect ?? outer.dialect,
          dynamic: new Map(),
        }
        this.#byUri.set(uri, resource)
      }
    } else if (dialect !== undefined && dialect !== outer.dialect)
      resource = { ...outer, dialect, dynamic: outer.dynamic }
    if (typeof id === 'string' && id.startsWith('#') && id.length > 1)
      this.#anchors.set(resource.uri + id, node)
    for (const keyword of ['$anchor', '$dynamicAnchor']) {
      const name = own(node, keyword)
      if (typeof name !== 'string') continue
      this.#anchors.set(`${resource.uri}#${name}`, node)
      if (keyword === '$dynamicAnchor') resource.dynamic.set(name, node)
    }
    return resource
  }

  #resolve({ node, keyword, resource, pointer }: Pending): void {
    const reference = own(node, keyword) as string
    const found = this.find(reference, resource)
    let target: Schema = false
    if (typeof found === 'string')
      this.#report.error(
        'contract.reference',
        `${quoted(reference)}: ${found}`,
        resource.source,
        `${pointer}/${keyword}`,
      )
    else if (!isSchema(found.value))
      this.#report.error(
        'contract.reference',
        `${quoted(reference)} is not a schema`,
        resource.source,
        `${pointer}/${keyword}`,
      )
    else {
      target = found.value
      this.add(target, found.resource, found.pointer)
    }
    if (keyword === '$ref') this.targets.set(node, target)
    else {
      const name = reference.slice(reference.indexOf('#') + 1)
      const anchor = isObject(target) && own(target, '$dynamicAnchor') === name ? name : undefined
      this.dynamicTargets.set(node, { target, anchor })
    }
  }

  /** What a reference names, or why it names nothing. */
  find(
    reference: string,
    from: Resource,
  ): { readonly value: unknown; readonly resource: Resource; readonly pointer: string } | string {
    const hash = reference.indexOf('#')
    const fragment = hash < 0 ? '' : reference.slice(hash + 1)
    const name = hash < 0 ? reference : reference.slice(0, hash)
    const resource = name === '' ? from : this.#open(name, from)
    if (typeof resource === 'string') return resource
    if (fragment !== '' && !fragment.startsWith('/')) {
      if (isObject(resource.root)) this.add(resource.root, resource, resource.pointer)
      const node = this.#anchors.get(`${resource.uri}#${decoded(fragment)}`)
      if (node === undefined) return 'there is no such anchor'
      return { value: node, resource: this.resources.get(node) ?? resource, pointer: this.pointerOf(node) }
    }
    const value = valueAt(resource.root, fragment)
    if (value === undefined) return 'there is nothing at this place'
    return { value, resource, pointer: resource.pointer + decoded(fragment) }
  }

  #open(name: string, from: Resource): Resource | string {
    const uri = joined(name, from.uri)
    const known = uri === undefined ? undefined : this.#byUri.get(uri)
    if (known !== undefined) return known
    if (this.#sources === undefined) return 'references to other documents are never fetched'
    const source = this.#sources.open(name, from.source)
    return typeof source === 'string' ? source : this.resourceOf(source)
  }
}

function joined(reference: string, base: string): string | undefined {
  try {
    return new URL(reference, base).href.replace(/#$/, '')
  } catch {
    return undefined
  }
}

function decoded(fragment: string): string {
  if (!fragment.includes('%')) return fragment
  try {
    return decodeURIComponent(fragment)
  } catch {
    return fragment
  }
}
