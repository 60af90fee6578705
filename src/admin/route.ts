import type { QueryError } from './problem.ts'

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
  /** The value of `{id}`, decoded. */
  readonly id: string
}

/** What it gives back: JSON, or text of its own media type; undefined is 404. */
export type RouteReply =
  | { readonly status: number; readonly json: unknown }
  | { readonly status: number; readonly text: string; readonly mediaType: string }
  | undefined

/** A row of the table from which router and API description derive. All routes are GET (and HEAD). */
export interface Route {
  /** At most one `{id}`, as the last segment. */
  readonly path: string
  readonly operationId: string
  readonly summary: string
  /** Needs no credential: health only. */
  readonly open?: true
  readonly query?: readonly QueryParameter[]
  /** JSON Schema of the 200 reply, or its media type where that is no JSON. */
  readonly reply: Readonly<Record<string, unknown>> | string
  /** More statuses it answers by itself. */
  readonly also?: Readonly<Record<number, string>>
  answer(question: Question): RouteReply | Promise<RouteReply>
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
