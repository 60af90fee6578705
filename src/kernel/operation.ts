import type { Fields } from './fields.ts'
import type { Place } from './finding.ts'
import type { ObjectPlaces, SoughtObjects } from './object-places.ts'
import type { PropertyView } from './property-view.ts'
import type { QueryPair } from './query.ts'
import type { HeadTexts, TextPlan } from './text-plan.ts'
import type { SchemaError } from './verdict.ts'

/** One scheme of a security alternative, as the contract names it. */
export interface SchemeUse {
  /** Name under `securitySchemes`. */
  readonly scheme: string
  readonly scopes: readonly string[]
}

/** All of these together satisfy the operation; several alternatives are joined by "or". */
export type SecurityAlternative = readonly SchemeUse[]

/** A security scheme as the contract declares it. */
export type SecurityScheme =
  | { readonly name: string; readonly type: 'http'; readonly scheme: string }
  | { readonly name: string; readonly type: 'oauth2' | 'openIdConnect' | 'mutualTLS' }
  | {
      readonly name: string
      readonly type: 'apiKey'
      readonly in: 'header' | 'query' | 'cookie'
      readonly field: string
    }

export interface Parameter {
  readonly in: 'path' | 'query' | 'header' | 'cookie'
  readonly name: string
  readonly required: boolean
  /** The parameter's JSON Schema (local references left in place); undefined where none is declared. */
  readonly schema: Readonly<Record<string, unknown>> | undefined
  readonly place: Place
}

/** What the head of a request says, as the contract's parameters read it. */
export interface Head {
  readonly params: Readonly<Record<string, string>>
  readonly pairs: readonly QueryPair[]
  readonly fields: Fields
}

/** How a body or reply of one media type is read. `binary` is passed on unread. */
export type MediaKind = 'json' | 'form' | 'multipart' | 'text' | 'xml' | 'binary'

/** The largest sizes that a schema lets in by number; 0 where it names none. */
export interface DeclaredSizes {
  /** Members of one object. */
  readonly keys: number
  /** Elements of one array. */
  readonly items: number
  /** UTF-16 units of one string, as JSON may spell it. */
  readonly string: number
}

export interface MediaContract {
  /** The range as declared, lower-case: `application/json`, `image/*`. */
  readonly range: string
  readonly kind: MediaKind
  /** Errors of a parsed value; empty when it is what the contract says. Undeclared properties are errors. */
  validate(value: unknown): readonly SchemaError[]
  /** False where no schema is declared. */
  readonly hasSchema: boolean
  /** Which texts of a value that is valid can carry an attack. */
  readonly texts: TextPlan
  readonly sizes: DeclaredSizes
  /** Takes guarded properties out, as `view` decides, of `value` and of `exact`. */
  restrict(value: unknown, view: PropertyView, exact: unknown): void
  /** Types the decoded fields of a form by the schema; errors as in `validate`. For kinds `form` and `multipart`. */
  readForm(pairs: readonly QueryPair[]): { readonly value: unknown; readonly errors: readonly SchemaError[] }
}

export interface BodyContract {
  readonly required: boolean
  /** The media type's contract: exact first, then `type/*`, then the range of all types. */
  find(mediaType: string): MediaContract | undefined
}

export interface InputContract {
  /** Errors in path, query, header and cookie parameters, undeclared query parameters among them. */
  head(head: Head): readonly SchemaError[]
  readonly body: BodyContract | undefined
  /** Which texts of a valid head can carry an attack. */
  readonly texts: HeadTexts
}

export interface ReplyContract {
  readonly kind: MediaKind
  readonly hasSchema: boolean
  /** Errors of a parsed reply; undeclared properties are not errors here, they are pruned. */
  validate(value: unknown): readonly SchemaError[]
  /**
   * Removes what the contract does not declare, in place; returns the JSON pointers removed
   * (array indexes as `*`, without repeats). In the same walk guarded properties go as `view` decides; those are not
   * among the pointers. What is removed is removed from `exact` too, which has the same structure.
   */
  prune(value: unknown, view?: PropertyView, exact?: unknown): readonly string[]
  /** As `prune`, but only guarded properties. */
  restrict(value: unknown, view: PropertyView, exact: unknown): void
  /** As `prune`, but only what never leaves (`format: password`, `sensitive`); true where there was something. */
  conceal(value: unknown, exact: unknown): boolean
  /** Which texts of a reply that is valid can be any text. */
  readonly texts: TextPlan
  /** Component schema of the whole reply, where it is one. */
  readonly schema: string | undefined
  /** Where objects stand in these replies; undefined where the contract names none. */
  places(sought: SoughtObjects): ObjectPlaces | undefined
}

export interface OutputContract {
  /** `undefined` where the status, or the media type under it, is not declared. */
  find(status: number, mediaType: string | undefined): ReplyContract | undefined
  /** True where the status is declared at all (exact, `2XX`, or `default`). */
  declares(status: number): boolean
  /** The JSON replies declared for success (2xx; `default` where no success is declared). */
  readonly successes: readonly ReplyContract[]
  /** The JSON replies declared for statuses from 400 on. */
  readonly errors?: readonly ReplyContract[]
}

/** One declared operation, compiled. */
export interface Operation {
  /** Index in the gate, 0-based and dense: stages keep their plans in arrays by it. */
  readonly slot: number
  /** The API's name in the configuration. */
  readonly api: string
  /** `operationId`, else `METHOD /template`. */
  readonly id: string
  /** Upper-case. */
  readonly method: string
  /** Path template as written, without the base path. */
  readonly template: string
  readonly tags: readonly string[]
  readonly deprecated: boolean
  readonly parameters: readonly Parameter[]
  /** Alternatives; empty where none is asked for, or nothing is said. */
  readonly security: readonly SecurityAlternative[]
  /** False where neither the operation nor the document says anything about security: closed unless opened. */
  readonly securityDeclared: boolean
  readonly input: InputContract
  readonly output: OutputContract
  /** `x-sallyport` on the operation. */
  readonly extension: Readonly<Record<string, unknown>> | undefined
  readonly place: Place
}
