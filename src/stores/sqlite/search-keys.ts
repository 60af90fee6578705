import type { Kysely } from 'kysely'
import { codePrefixOf } from '../../kernel/passes-filter.ts'
import type { EventFilter } from '../../kernel/ports.ts'
import type { Kind, Schema } from './schema.ts'

/** An entry of `lookup` to search by: one value, or all from `value` up to `end`. */
export interface Key {
  readonly kind: Kind
  readonly value: string
  readonly end?: string
}

/** More APIs than that are not looked through one by one. */
const mostApis = 32
const last = '\u{10ffff}'

/** The most selective entries that the filter allows, one for each API where it names an operation alone; undefined: none. */
export async function keysOf(db: Kysely<Schema>, filter: EventFilter): Promise<readonly Key[] | undefined> {
  const key = keyOf(filter)
  if (key !== undefined) return [key]
  if (filter.api !== undefined) return [ofOperation(filter.api, filter)]
  if (filter.operation === undefined && filter.operationPrefix === undefined) return undefined
  const apis = await db
    .selectFrom('apis')
    .select('api')
    .limit(mostApis + 1)
    .execute()
  return apis.length > mostApis ? undefined : apis.map(({ api }) => ofOperation(api, filter))
}

function keyOf(filter: EventFilter): Key | undefined {
  if (filter.id !== undefined) return { kind: 1, value: filter.id }
  if (filter.sub !== undefined && filter.sub !== '') return { kind: 2, value: filter.sub }
  if (filter.address !== undefined) return { kind: 3, value: filter.address }
  if (filter.status !== undefined && filter.status >= 400) return { kind: 6, value: String(filter.status) }
  if (filter.code !== undefined) return { kind: 5, value: filter.code }
  if (filter.stage !== undefined) {
    const prefix = codePrefixOf(filter.stage)
    return { kind: 5, value: prefix, end: `${prefix}${last}` }
  }
  if (filter.outcome === 'denied') return { kind: 5, value: '', end: last }
  return undefined
}

/** Entries of an API: of one operation, of those that begin alike, or of all. */
function ofOperation(api: string, { operation, operationPrefix = '' }: EventFilter): Key {
  if (operation !== undefined) return { kind: 4, value: `${api}\u001f${operation}` }
  return operationPrefix === ''
    ? { kind: 4, value: `${api}\u001f`, end: `${api} ` }
    : { kind: 4, value: `${api}\u001f${operationPrefix}`, end: `${api}\u001f${operationPrefix}${last}` }
}
