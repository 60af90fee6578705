import type { Place } from '../kernel/finding.ts'
import type { SecurityAlternative } from '../kernel/operation.ts'
import type { Extension } from './document/extension.ts'
import type { JsonObject, Schema } from './schema.ts'

/** A parameter as the document declares it, references followed, defaults filled in. */
export interface DeclaredParameter {
  readonly in: 'path' | 'query' | 'header' | 'cookie'
  readonly name: string
  readonly required: boolean
  readonly style: string
  readonly explode: boolean
  readonly allowEmptyValue: boolean
  readonly schema: Schema | undefined
  /** `content` with a JSON media type instead of a style. */
  readonly json: boolean
  /** The first value its author gives as an example; undefined where there is none. */
  readonly example?: unknown
  /** `x-sallyport` */
  readonly extension: Extension | undefined
  readonly place: Place
}

export interface DeclaredMedia {
  /** As written, lower-case, without parameters. */
  readonly range: string
  readonly schema: Schema | undefined
  /** The first value its author gives as an example; undefined where there is none. */
  readonly example?: unknown
  /** Property name → style of that field in a form. */
  readonly styles: ReadonlyMap<string, string>
}

export interface DeclaredBody {
  readonly required: boolean
  readonly media: readonly DeclaredMedia[]
}

export interface DeclaredResponse {
  /** `200`, `2XX` or `default`. */
  readonly status: string
  /** Undefined where the response has no `content`. */
  readonly media: readonly DeclaredMedia[] | undefined
  /** Names of declared headers, as written. */
  readonly headers: readonly string[]
  /** Parts of the body (JSON pointer) that OpenAPI links use as parameters of other operations. */
  readonly links: readonly { readonly pointer: string; readonly parameter: string }[]
}

/** An operation as the document declares it. */
export interface DeclaredOperation {
  readonly id: string
  readonly method: string
  readonly template: string
  /** As written; empty where the document says nothing. */
  readonly summary: string
  readonly description: string
  readonly tags: readonly string[]
  readonly deprecated: boolean
  readonly parameters: readonly DeclaredParameter[]
  readonly body: DeclaredBody | undefined
  readonly responses: readonly DeclaredResponse[]
  readonly security: readonly SecurityAlternative[]
  readonly securityDeclared: boolean
  readonly extension: JsonObject | undefined
  /** The same, with its place. */
  readonly extensionAt: Extension | undefined
  readonly place: Place
}
