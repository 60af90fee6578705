import { eachSubschema, isObject, own } from '../../contract/schema.ts'
import { type At, below, type Spot } from './at.ts'
import type { AuditedOperation, AuditedSchema, OpenApiVersion } from './audited-document.ts'
import type { Follower } from './follow.ts'

/** Collects schemas, each once, and learns which of them requests and replies use. */
export class SchemaCollector {
  readonly all: Map<object, AuditedSchema> = new Map()
  readonly #follower: Follower
  readonly #legacy: boolean

  constructor(follower: Follower, version: OpenApiVersion) {
    this.#follower = follower
    this.#legacy = version !== '3.1'
  }

  /** A schema and everything below it; what references name is collected where it is declared, or when it is used. */
  add(value: unknown, spot: Spot, name: string, place: AuditedSchema['place'], parent?: AuditedSchema): void {
    if (!isObject(value) || this.all.has(value) || typeof own(value, '$ref') === 'string') return
    const schema: AuditedSchema = {
      node: value,
      source: spot.source,
      pointer: spot.pointer,
      name,
      place,
      parent,
      inRequest: false,
      inReply: false,
    }
    this.all.set(value, schema)
    eachSubschema(value, this.#legacy, (child, pointer) => {
      const property = /^\/properties\/([^/]*)$/.exec(pointer)
      const token = property?.[1]?.replaceAll('~1', '/').replaceAll('~0', '~')
      const at = { source: spot.source, pointer: spot.pointer + pointer }
      this.add(child, at, token ?? name, token === undefined ? 'part' : 'property', schema)
    })
  }

  /** Marks everything that a schema leads to. */
  use(value: unknown, spot: Spot, direction: 'request' | 'reply', name: string): void {
    const open: { value: unknown; spot: Spot; name: string }[] = [{ value, spot, name }]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const at = this.#follower.object(next.value, next.spot)
      if (at === undefined) continue
      if (!this.all.has(at.node)) this.add(at.node, at, lastToken(at, next.name), 'component')
      const schema = this.all.get(at.node)
      if (schema === undefined) continue
      if (direction === 'request' ? schema.inRequest : schema.inReply) continue
      if (direction === 'request') schema.inRequest = true
      else schema.inReply = true
      eachSubschema(at.node, this.#legacy, (child, pointer) => {
        open.push({
          value: child,
          spot: { source: at.source, pointer: at.pointer + pointer },
          name: schema.name,
        })
      })
    }
  }

  useOperation(operation: AuditedOperation): void {
    // What the API sends to others is a reply in all but name, and what they answer a request.
    const [sent, got] = operation.outbound ? (['reply', 'request'] as const) : (['request', 'reply'] as const)
    for (const parameter of operation.parameters)
      if (parameter.schema !== undefined)
        this.use(parameter.schema.node, parameter.schema, sent, parameter.name)
    for (const media of operation.requests) this.#useMedia(media, sent)
    for (const { media } of operation.replies) for (const one of media) this.#useMedia(one, got)
  }

  #useMedia(media: At, direction: 'request' | 'reply'): void {
    const schema = own(media.node, 'schema')
    if (isObject(schema)) this.use(schema, below(media, 'schema'), direction, '')
  }
}

function lastToken(spot: Spot, name: string): string {
  const token = spot.pointer.slice(spot.pointer.lastIndexOf('/') + 1)
  return token === '' ? name : token.replaceAll('~1', '/').replaceAll('~0', '~')
}
