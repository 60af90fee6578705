import { isObject, type JsonObject, own } from '../../contract/schema.ts'
import { type At, below, type Spot } from './at.ts'
import type {
  AuditedMedia,
  AuditedOperation,
  AuditedParameter,
  AuditedResponse,
  OpenApiVersion,
} from './audited-document.ts'
import type { Follower } from './follow.ts'
import { alternativesOf } from './read-security.ts'

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query']
/** Callbacks within callbacks are not followed further. */
const maxCallbackDepth = 3

interface Outer {
  readonly outbound: boolean
  readonly expression: string | undefined
  readonly depth: number
}

/** Reads paths, webhooks and callbacks; collects what stands in them, each object once. */
export class OperationReader {
  readonly parameters: AuditedParameter[] = []
  readonly responses: AuditedResponse[] = []
  readonly media: AuditedMedia[] = []
  readonly headers: { readonly node: JsonObject; readonly spot: Spot; readonly name: string }[] = []
  readonly pathItems: At[] = []
  readonly #operations: AuditedOperation[] = []
  readonly #seen = new Set<object>()
  readonly #follower: Follower
  readonly #version: OpenApiVersion
  readonly #root: At

  constructor(follower: Follower, version: OpenApiVersion, root: At) {
    this.#follower = follower
    this.#version = version
    this.#root = root
  }

  read(): readonly AuditedOperation[] {
    this.#paths(own(this.#root.node, 'paths'), below(this.#root, 'paths'), inbound)
    this.#paths(own(this.#root.node, 'webhooks'), below(this.#root, 'webhooks'), {
      outbound: true,
      expression: undefined,
      depth: 0,
    })
    const components = own(this.#root.node, 'components')
    const holder = this.#version === '2.0' ? this.#root.node : isObject(components) ? components : {}
    const spot = this.#version === '2.0' ? this.#root : below(this.#root, 'components')
    this.#sharedParameters(own(holder, 'parameters'), below(spot, 'parameters'))
    return this.#operations
  }

  #paths(map: unknown, spot: Spot, outer: Outer): void {
    if (!isObject(map)) return
    for (const template of Object.keys(map)) {
      if (template.startsWith('x-')) continue
      const item = this.#follower.object(map[template], below(spot, template))
      if (item === undefined) continue
      this.pathItems.push(item)
      const shared = this.#parametersOf(item)
      for (const method of methods) {
        const node = own(item.node, method)
        if (isObject(node) && !this.#seen.has(node)) {
          this.#seen.add(node)
          this.#operation({ node, ...below(item, method) }, method, template, shared, outer)
        }
      }
    }
  }

  #operation(at: At, method: string, template: string, shared: readonly At[], outer: Outer): void {
    const responses = this.#follower.object(own(at.node, 'responses'), below(at, 'responses'))
    const declared = own(at.node, 'security')
    const inherited = own(this.#root.node, 'security')
    const rules = own(at.node, 'x-sallyport')
    const tags = own(at.node, 'tags')
    const operation = {
      ...at,
      method: method.toUpperCase(),
      template,
      id: textOf(own(at.node, 'operationId')),
      tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [],
      outbound: outer.outbound,
      expression: outer.expression,
      parameters: [] as AuditedParameter[],
      requests: [] as AuditedMedia[],
      replies: [] as AuditedResponse[],
      responses,
      security: Array.isArray(declared)
        ? alternativesOf(declared, below(at, 'security'))
        : outer.outbound
          ? []
          : alternativesOf(inherited, below(this.#root, 'security')),
      securityFrom: Array.isArray(declared)
        ? ('operation' as const)
        : Array.isArray(inherited) && !outer.outbound
          ? ('document' as const)
          : ('none' as const),
      rules: isObject(rules) ? rules : {},
    }
    const itsOwn = this.#parametersOf(at)
    const key = (one: At): string => `${String(own(one.node, 'in'))} ${String(own(one.node, 'name'))}`
    const overridden = new Set(itsOwn.map(key))
    for (const one of [...shared.filter((other) => !overridden.has(key(other))), ...itsOwn])
      this.#parameter(one, operation)
    this.#requestBody(at, operation)
    if (responses !== undefined) this.#replies(responses, operation)
    this.#operations.push(operation)
    this.#callbacks(at, outer)
  }

  #parametersOf(at: At): readonly At[] {
    const list = own(at.node, 'parameters')
    if (!Array.isArray(list)) return []
    return list.flatMap((one, i) => this.#follower.object(one, below(at, 'parameters', i)) ?? [])
  }

  #sharedParameters(map: unknown, spot: Spot): void {
    if (!isObject(map)) return
    for (const name of Object.keys(map)) {
      const at = this.#follower.object(map[name], below(spot, name))
      if (at !== undefined && !this.#seen.has(at.node)) this.#parameter(at, undefined)
    }
  }

  #parameter(
    at: At,
    operation: (AuditedOperation & { parameters: AuditedParameter[]; requests: AuditedMedia[] }) | undefined,
  ): void {
    const place = own(at.node, 'in')
    const name = textOf(own(at.node, 'name'))
    if (place === 'body') {
      if (operation !== undefined) this.#media2(at, 'request', operation, operation.requests)
      return
    }
    const parameter: AuditedParameter = {
      ...at,
      name,
      in: textOf(place),
      schema: this.#schemaOf(at),
      operation,
    }
    operation?.parameters.push(parameter)
    if (this.#seen.has(at.node)) return
    this.#seen.add(at.node)
    this.parameters.push(parameter)
  }

  #schemaOf(at: At): At | undefined {
    if (this.#version === '2.0') return at
    const schema = this.#follower.object(own(at.node, 'schema'), below(at, 'schema'))
    if (schema !== undefined) return schema
    const content = own(at.node, 'content')
    if (!isObject(content)) return undefined
    const range = Object.keys(content)[0] ?? ''
    const media = content[range]
    return isObject(media)
      ? this.#follower.object(own(media, 'schema'), below(at, 'content', range, 'schema'))
      : undefined
  }

  #requestBody(at: At, operation: AuditedOperation & { requests: AuditedMedia[] }): void {
    const body = this.#follower.object(own(at.node, 'requestBody'), below(at, 'requestBody'))
    if (body !== undefined) this.#content(body, 'request', operation, operation.requests)
  }

  #replies(responses: At, operation: AuditedOperation & { replies: AuditedResponse[] }): void {
    for (const status of Object.keys(responses.node)) {
      if (status.startsWith('x-')) continue
      const at = this.#follower.object(responses.node[status], below(responses, status))
      if (at === undefined) continue
      const media: AuditedMedia[] = []
      if (this.#version !== '2.0') this.#content(at, 'reply', operation, media)
      else if (isObject(own(at.node, 'schema'))) this.#media2(at, 'reply', operation, media)
      const response = { ...at, status, media, operation }
      operation.replies.push(response)
      if (this.#seen.has(at.node)) continue
      this.#seen.add(at.node)
      this.responses.push(response)
      this.#headersOf(at)
    }
  }

  #headersOf(at: At): void {
    const map = own(at.node, 'headers')
    if (!isObject(map)) return
    for (const name of Object.keys(map)) {
      const header = this.#follower.object(map[name], below(at, 'headers', name))
      if (header === undefined || this.#seen.has(header.node)) continue
      this.#seen.add(header.node)
      this.headers.push({ node: header.node, spot: header, name })
    }
  }

  #content(at: At, direction: 'request' | 'reply', operation: AuditedOperation, into: AuditedMedia[]): void {
    const content = own(at.node, 'content')
    if (!isObject(content)) return
    for (const range of Object.keys(content)) {
      const media = this.#follower.object(content[range], below(at, 'content', range))
      if (media !== undefined) this.#addMedia(media, range, direction, operation, into)
    }
  }

  /** OpenAPI 2.0: the parameter or response holds the schema itself. */
  #media2(at: At, direction: 'request' | 'reply', operation: AuditedOperation, into: AuditedMedia[]): void {
    const key = direction === 'request' ? 'consumes' : 'produces'
    const ranges = own(operation.node, key) ?? own(this.#root.node, key)
    const range = Array.isArray(ranges) ? textOf(ranges[0]) : ''
    this.#addMedia(at, range === '' ? 'application/json' : range, direction, operation, into)
  }

  #addMedia(
    at: At,
    range: string,
    direction: 'request' | 'reply',
    operation: AuditedOperation,
    into: AuditedMedia[],
  ): void {
    const schema = this.#follower.object(own(at.node, 'schema'), below(at, 'schema'))
    const media = { ...at, range: range.toLowerCase(), schema, direction, operation }
    into.push(media)
    if (this.#seen.has(at.node) && direction === 'request') return
    this.media.push(media)
  }

  #callbacks(at: At, outer: Outer): void {
    const callbacks = own(at.node, 'callbacks')
    if (!isObject(callbacks) || outer.depth >= maxCallbackDepth) return
    for (const name of Object.keys(callbacks)) {
      const callback = this.#follower.object(callbacks[name], below(at, 'callbacks', name))
      if (callback === undefined) continue
      for (const expression of Object.keys(callback.node))
        this.#paths({ [expression]: callback.node[expression] }, callback, {
          outbound: true,
          expression,
          depth: outer.depth + 1,
        })
    }
  }
}

const inbound: Outer = { outbound: false, expression: undefined, depth: 0 }

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
