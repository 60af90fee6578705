import { type Expression, expressionBuilder, type Kysely, type SqlBool } from 'kysely'
import type { EventFilter } from '../../kernel/ports.ts'
import type { Kind, Schema } from './schema.ts'

/** An entry of `lookup` to search by: one value, or all from `value` up to `end`. */
interface Key {
  readonly kind: Kind
  readonly value: string
  readonly end?: string
}

/** Most chunks read by one statement: whoever waits to write goes between two statements. */
const mostChunks = 64

/**
 * Events newest first: the newest, unfinished chunk as it is, then the full ones, through their index where the
 * filter has a member with one, without those whose time is outside. Ever more chunks at once, so that a page
 * of frequent events reads little and a search for rare ones takes few statements.
 */
export async function searchEvents(
  db: Kysely<Schema>,
  size: number,
  filter: EventFilter,
  limit: number,
  before: number | undefined,
): Promise<[number, string][]> {
  const found: [number, string][] = []
  const key = keyOf(filter)
  const passes = conditionOf(filter)
  const sealed = (await db.selectFrom('chunks').selectAll().orderBy('chunk', 'desc').execute()).filter(
    ({ earliest, latest }) => latest >= (filter.since ?? 0) && earliest <= (filter.until ?? Infinity),
  )
  const open = await firstOpen(db, size)
  await collect(open, Number.MAX_SAFE_INTEGER - 1, undefined)
  for (let at = 0, width = 1; at < sealed.length && found.length < limit; at += width, width = grow(width)) {
    const high = sealed[at]?.chunk ?? 0
    const low = sealed[Math.min(at + width, sealed.length) - 1]?.chunk ?? 0
    await collect(low * size, (high + 1) * size - 1, { low, high })
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  return found

  async function collect(first: number, last: number, chunks: Span | undefined): Promise<void> {
    const end = Math.min(last + 1, before ?? Number.MAX_SAFE_INTEGER)
    if (end <= first) return
    const missing = limit - found.length
    const rows =
      chunks === undefined || key === undefined
        ? await db
            .selectFrom('events')
            .select(['events.seq', 'events.event'])
            .where(passes)
            .where('events.seq', '>=', first)
            .where('events.seq', '<', end)
            .orderBy('events.seq', 'desc')
            .limit(missing)
            .execute()
        : await db
            // SQLite keeps the order of a cross join: chunks, then their entries, then the events.
            .selectFrom('chunks')
            .crossJoin('lookup')
            .crossJoin('events')
            .select(['events.seq', 'events.event'])
            .whereRef('lookup.chunk', '=', 'chunks.chunk')
            .whereRef('events.seq', '=', 'lookup.seq')
            .where('chunks.chunk', '>=', chunks.low)
            .where('chunks.chunk', '<=', chunks.high)
            .where('lookup.kind', '=', key.kind)
            .where('lookup.value', key.end === undefined ? '=' : '>=', key.value)
            .$if(key.end !== undefined, (query) => query.where('lookup.value', '<', key.end ?? ''))
            .where('lookup.seq', '<', end)
            .where(passes)
            .orderBy('chunks.chunk', 'desc')
            .orderBy('lookup.seq', 'desc')
            .limit(missing)
            .execute()
    for (const row of rows) found.push([row.seq, row.event])
  }
}

/** Events oldest first, after one `seq`: for export, verification and erasure. */
export async function walkEvents(
  db: Kysely<Schema>,
  filter: EventFilter,
  limit: number,
  after: number,
): Promise<[number, string][]> {
  const rows = await db
    .selectFrom('events')
    .select(['events.seq', 'events.event'])
    .where('events.seq', '>', after)
    .where(conditionOf(filter))
    .orderBy('events.seq', 'asc')
    .limit(limit)
    .execute()
  return rows.map((row) => [row.seq, row.event])
}

interface Span {
  readonly low: number
  readonly high: number
}

function grow(width: number): number {
  return Math.min(width * 2, mostChunks)
}

/** First `seq` that no full chunk covers. */
async function firstOpen(db: Kysely<Schema>, size: number): Promise<number> {
  const row = await db
    .selectFrom('chunks')
    .select((eb) => eb.fn.max('chunk').as('last'))
    .executeTakeFirst()
  return row?.last === null || row?.last === undefined ? 0 : (Number(row.last) + 1) * size
}

/** The most selective entry that the filter allows. */
function keyOf(filter: EventFilter): Key | undefined {
  if (filter.id !== undefined) return { kind: 1, value: filter.id }
  if (filter.sub !== undefined && filter.sub !== '') return { kind: 2, value: filter.sub }
  if (filter.address !== undefined) return { kind: 3, value: filter.address }
  if (filter.status !== undefined && filter.status >= 400) return { kind: 6, value: String(filter.status) }
  if (filter.code !== undefined) return { kind: 5, value: filter.code }
  if (filter.outcome === 'denied') return { kind: 5, value: '', end: '\u{10ffff}' }
  if (filter.api !== undefined && filter.operation !== undefined)
    return { kind: 4, value: `${filter.api}\u001f${filter.operation}` }
  if (filter.api !== undefined) return { kind: 4, value: `${filter.api}\u001f`, end: `${filter.api} ` }
  return undefined
}

function conditionOf(filter: EventFilter): Expression<SqlBool> {
  const eb = expressionBuilder<Schema, 'events'>()
  const all: Expression<SqlBool>[] = []
  if (filter.since !== undefined) all.push(eb('events.time', '>=', filter.since))
  if (filter.until !== undefined) all.push(eb('events.time', '<=', filter.until))
  for (const name of ['id', 'api', 'operation', 'issuer', 'sub', 'address', 'status', 'code'] as const) {
    const value = filter[name]
    if (value !== undefined) all.push(eb(`events.${name}`, '=', value))
  }
  if (filter.outcome === 'denied') all.push(eb('events.code', 'is not', null))
  if (filter.outcome === 'allowed') all.push(eb('events.code', 'is', null))
  return eb.and(all)
}
