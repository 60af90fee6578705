import type { ServerResponse } from 'node:http'
import type { TSchema } from 'typebox'
import type { AdminRole } from './contract.ts'
import type { AdminProblemCode, MemberError, QueryError } from './problem.ts'
import type { Visitor } from './visitor.ts'

/** A query parameter: the same object is the description and the check. */
export interface QueryParameter {
  readonly name: string
  readonly description: string
  readonly schema:
    | {
        readonly type: 'integer'
        readonly minimum: number
        readonly maximum: number
        readonly default?: number
      }
    | { readonly type: 'string'; readonly maxLength: number; readonly enum?: readonly string[] }
    | { readonly type: 'string'; readonly format: 'date-time'; readonly maxLength: number }
}

/** Parameters that hold: integers and times (as milliseconds since the epoch) are numbers. */
export type QueryValues = ReadonlyMap<string, string | number>

/** What a handler gets. */
export interface Question {
  readonly query: QueryValues
  /** The value of the path's parameter, decoded; empty where the path has none. */
  readonly id: string
  /** The media types asked for, as they were written. */
  readonly accept: string
  /** The body, which is what the route's schema says; undefined where the route has none. */
  readonly body: unknown
  /** Who asks; has the route's role. For an entrance it may be nobody. */
  readonly visitor: Visitor | undefined
  /** Whether the visitor still has its role, for replies that last; using it does not keep a session awake. */
  stillIn(): Promise<boolean>
  /** A header by its lower-case name. */
  header(name: string): string | undefined
}

/** What it gives back: JSON, text of its own media type, a reply it writes itself, a refusal; undefined is 404. */
export type RouteReply =
  | { readonly status: number; readonly json: unknown; readonly headers?: ReplyHeaders }
  | {
      readonly status: number
      readonly text: string
      readonly mediaType: string
      readonly headers?: ReplyHeaders
    }
  | { readonly stream: (response: ServerResponse) => void; readonly mediaType: string }
  | {
      readonly refused: AdminProblemCode
      readonly members?: readonly MemberError[]
      readonly headers?: ReplyHeaders
    }
  | undefined

export type ReplyHeaders = Readonly<Record<string, string>>

export type RouteMethod = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** A row of the table from which router and API description derive. */
export interface Route {
  /** `GET` (and HEAD) unless written. */
  readonly method?: RouteMethod
  /** At most one `{name}` segment, anywhere. */
  readonly path: string
  readonly operationId: string
  readonly summary: string
  /** Needs no credential: health only. */
  readonly open?: true
  /** How one gets in: needs no credential, and says 401 by itself. */
  readonly entrance?: true
  /** Least role: `viewer` for GET, `administrator` for all else unless written. */
  readonly role?: AdminRole
  readonly query?: readonly QueryParameter[]
  /** What the body must be; no body is taken where none is written. */
  readonly body?: TSchema
  /** The body may be left out. */
  readonly bodyOptional?: true
  /** Bytes of a body; 65,536 unless written. */
  readonly maxBody?: number
  /** JSON Schema of the 200 reply, or its media type where that is no JSON. */
  readonly reply: Readonly<Record<string, unknown>> | string
  /** More statuses it answers by itself. */
  readonly also?: Readonly<Record<number, string>>
  /** What a change is about, for the record; the path's parameter unless written. */
  target?(question: Question): { readonly type: string; readonly id: string } | undefined
  answer(question: Question): RouteReply | Promise<RouteReply>
}

/** Routes that belong together, with the schemas that their replies refer to (`#/components/schemas/…`). */
export interface RouteModule {
  readonly routes: readonly Route[]
  readonly schemas?: Readonly<Record<string, unknown>>
}

export function methodOf(route: Route): RouteMethod {
  return route.method ?? 'GET'
}

/** Least role that may ask. */
export function roleNeeded(route: Route): AdminRole {
  return route.role ?? (methodOf(route) === 'GET' ? 'viewer' : 'administrator')
}

/** Reads a query by a route's declaration; what is not declared, repeated or malformed is an error. */
export function parseQuery(
  declared: readonly QueryParameter[],
  search: URLSearchParams,
): { readonly values: QueryValues } | { readonly errors: readonly QueryError[] } {
  const values = new Map<string, string | number>()
  const errors: QueryError[] = []
  for (const [name, raw] of search) {
    const parameter = declared.find((one) => one.name === name)
    if (parameter === undefined) errors.push({ parameter: name.slice(0, 64), code: 'undeclared' })
    else if (values.has(name)) errors.push({ parameter: name, code: 'repeated' })
    else {
      const value = readValue(parameter, raw)
      if (typeof value === 'object') errors.push(value)
      else values.set(name, value)
    }
  }
  for (const { name, schema } of declared)
    if (schema.type === 'integer' && schema.default !== undefined && !values.has(name))
      values.set(name, schema.default)
  return errors.length > 0 ? { errors } : { values }
}

function readValue({ name, schema }: QueryParameter, raw: string): string | number | QueryError {
  if (schema.type === 'integer') {
    if (!/^\d{1,15}$/.test(raw)) return { parameter: name, code: 'type' }
    const value = Number(raw)
    return value < schema.minimum || value > schema.maximum ? { parameter: name, code: 'range' } : value
  }
  if (raw.length > schema.maxLength) return { parameter: name, code: 'length' }
  if ('format' in schema) {
    const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(raw)
      ? Date.parse(raw)
      : Number.NaN
    return Number.isNaN(time) ? { parameter: name, code: 'type' } : time
  }
  return schema.enum === undefined || schema.enum.includes(raw) ? raw : { parameter: name, code: 'enum' }
}
