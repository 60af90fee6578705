import type { JsonObject } from '../../contract/schema.ts'
import type { At, Spot } from './at.ts'
import type { Dangling } from './follow.ts'

export type OpenApiVersion = '2.0' | '3.0' | '3.1'

/** One alternative of a security requirement: scheme → scopes. */
export interface Alternative {
  readonly spot: Spot
  readonly schemes: ReadonlyMap<string, readonly string[]>
}

export interface AuditedParameter extends At {
  readonly name: string
  readonly in: string
  /** Its schema; in OpenAPI 2.0 the parameter itself. */
  readonly schema: At | undefined
  /** The first operation that has it. */
  readonly operation: AuditedOperation | undefined
}

export interface AuditedMedia extends At {
  readonly range: string
  readonly schema: At | undefined
  readonly direction: 'request' | 'reply'
  readonly operation: AuditedOperation
}

export interface AuditedResponse extends At {
  readonly status: string
  readonly media: readonly AuditedMedia[]
  readonly operation: AuditedOperation
}

export interface AuditedOperation extends At {
  /** Upper case. */
  readonly method: string
  readonly template: string
  readonly id: string
  readonly tags: readonly string[]
  /** The API calls this elsewhere: a callback or webhook. */
  readonly outbound: boolean
  /** Its callback's expression, where it is one. */
  readonly expression: string | undefined
  readonly parameters: readonly AuditedParameter[]
  readonly requests: readonly AuditedMedia[]
  readonly replies: readonly AuditedResponse[]
  readonly responses: At | undefined
  /** Requirements that hold, its own or the document's. */
  readonly security: readonly Alternative[]
  readonly securityFrom: 'operation' | 'document' | 'none'
  /** `x-sallyport` of the operation. */
  readonly rules: JsonObject
}

/** A schema, wherever it stands. */
export interface AuditedSchema extends At {
  /** Name of the property, parameter, header or component. */
  readonly name: string
  readonly place: 'component' | 'property' | 'part' | 'parameter' | 'header' | 'body'
  readonly parent: AuditedSchema | undefined
  inRequest: boolean
  inReply: boolean
}

export interface AuditedScheme extends At {
  readonly name: string
  /** OAuth 2.0 flows, in 2.0 the scheme itself. */
  readonly flows: readonly AuditedFlow[]
}

export interface AuditedFlow extends At {
  readonly kind: string
  readonly scheme: string
}

export interface AuditedServer extends At {
  readonly url: string
  /** Where its URL, or its word under `schemes`, stands. */
  readonly urlSpot: Spot
  readonly ofDocument: boolean
}

/** An OpenAPI document as the rules see it, with the places its author wrote. */
export interface AuditedDocument {
  readonly version: OpenApiVersion
  readonly root: At
  readonly servers: readonly AuditedServer[]
  readonly schemes: ReadonlyMap<string, AuditedScheme>
  readonly operations: readonly AuditedOperation[]
  /** Each once, however many operations share it. */
  readonly parameters: readonly AuditedParameter[]
  readonly responses: readonly AuditedResponse[]
  readonly media: readonly AuditedMedia[]
  /** By node. */
  readonly schemas: ReadonlyMap<object, AuditedSchema>
  readonly dangling: readonly Dangling[]
  /** Follows references. */
  object(value: unknown, spot: Spot): At | undefined
  /** Operations whose reply a policy outside the document guards; see `Guarded`. */
  readonly guarded: Guarded
}

/** Controls that a policy has for an operation: `GET /users/{id}` → `object`, `function`, `limit`, `content`. */
export type Guarded = ReadonlyMap<string, ReadonlySet<string>>
