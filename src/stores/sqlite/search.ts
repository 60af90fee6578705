import { type Expression, expressionBuilder, type Kysely, type SqlBool, sql } from 'kysely'
import { asciiLower, codePrefixOf } from '../../kernel/passes-filter.ts'
import type { EventFilter } from '../../kernel/ports.ts'
import type { Schema } from './schema.ts'
import { type Key, keysOf } from './search-keys.ts'

/** Most chunks read by one statement: whoever waits to write goes between two statements. */
const mostChunks = 64
/** A statement that took less is followed by a larger one, one that took more than thrice this by a smaller. */
const easyMs = 15

/**
 * Events newest first: the newest, unfinished chunk as it is, then the full ones, through their index where the
 * filter has a member with one, without those whose time is outside. Ever more chunks at once, as long as that is
 * quick: a page of frequent events reads little, and a search for rare ones takes few statements. After `withinMs` it
 * gives up: then the last entry has no text, and its `seq` is where to go on.
 */
export async function searchEvents(
  db: Kysely<Schema>,
  size: number,
  filter: EventFilter,
  limit: number,
  before: number | undefined,
  withinMs: number = Number.POSITIVE_INFINITY,
): Promise<[number, string][]> {
  const started = performance.now()
  const found: [number, string][] = []
  const keys = await keysOf(db, filter)
  const passes = conditionOf(filter)
  const sealed = (
    await db
      .selectFrom('chunks')
      .selectAll()
      .$if(before !== undefined, (query) =>
        query.where('chunk', '<=', Math.floor(((before ?? 0) - 1) / size)),
      )
      .orderBy('chunk', 'desc')
      .execute()
  ).filter(({ earliest, latest }) => latest >= (filter.since ?? 0) && earliest <= (filter.until ?? Infinity))
  const open = await firstOpen(db, size)
  await collect(open, Number.MAX_SAFE_INTEGER - 1, undefined)
  for (let at = 0, width = 1; at < sealed.length && found.length < limit; ) {
    const high = sealed[at]?.chunk ?? 0
    const now = performance.now()
    if (at > 0 && now - started > withinMs) {
      found.push([(high + 1) * size, ''])
      return found
    }
    const low = sealed[Math.min(at + width, sealed.length) - 1]?.chunk ?? 0
    await collect(low * size, (high + 1) * size - 1, { low, high })
    at += width
    width = resize(width, performance.now() - now)
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  return found

  async function collect(first: number, last: number, chunks: Span | undefined): Promise<void> {
    const end = Math.min(last + 1, before ?? Number.MAX_SAFE_INTEGER)
    if (end <= first) return
    const missing = limit - found.length
    if (chunks === undefined || keys === undefined) {
      const rows = await db
        .selectFrom('events')
        .select(['events.seq', 'events.event'])
        .where(passes)
        .where('events.seq', '>=', first)
        .where('events.seq', '<', end)
        .orderBy('events.seq', 'desc')
        .limit(missing)
        .execute()
      for (const row of rows) found.push([row.seq, row.event])
      return
    }
    const rows: { seq: number; event: string }[] = []
    for (const key of keys) rows.push(...(await collectBy(key, chunks, end, missing)))
    if (keys.length > 1) rows.sort((a, b) => b.seq - a.seq)
    for (const row of rows.slice(0, missing)) found.push([row.seq, row.event])
  }

  function collectBy(
    key: Key,
    chunks: Span,
    end: number,
    missing: number,
  ): Promise<{ seq: number; event: string }[]> {
    return (
      db
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
    )
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

function resize(width: number, tookMs: number): number {
  if (tookMs > easyMs * 3) return Math.max(1, Math.floor(width / 2))
  return tookMs > easyMs ? width : Math.min(width * 2, mostChunks)
}

/** First `seq` that no full chunk covers. */
async function firstOpen(db: Kysely<Schema>, size: number): Promise<number> {
  const row = await db
    .selectFrom('chunks')
    .select((eb) => eb.fn.max('chunk').as('last'))
    .executeTakeFirst()
  return row?.last === null || row?.last === undefined ? 0 : (Number(row.last) + 1) * size
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
  if (filter.operationPrefix !== undefined)
    all.push(
      eb('events.operation', '>=', filter.operationPrefix),
      eb('events.operation', '<', `${filter.operationPrefix}\u{10ffff}`),
    )
  if (filter.stage !== undefined) {
    const prefix = codePrefixOf(filter.stage)
    all.push(eb('events.code', '>=', prefix), eb('events.code', '<', `${prefix}\u{10ffff}`))
  }
  if (filter.method !== undefined) all.push(sql<boolean>`events.event ->> '$.method' = ${filter.method}`)
  if (filter.q !== undefined) all.push(mentions(filter.q))
  if (filter.outcome === 'denied') all.push(eb('events.code', 'is not', null))
  if (filter.outcome === 'allowed') all.push(eb('events.code', 'is', null))
  return eb.and(all)
}

/** First whether the line has the text at all, where it stands there as it is: reading members of JSON costs more. */
function mentions(q: string): Expression<SqlBool> {
  const eb = expressionBuilder<Schema, 'events'>()
  const wanted = asciiLower(q)
  const columns = ['id', 'api', 'operation', 'sub', 'address', 'code'].map((name) =>
    sql.ref(`events.${name}`),
  )
  const members = ['client', 'method', 'path', 'reason'].map(
    (name) => sql`events.event ->> ${sql.lit(`$.${name}`)}`,
  )
  const within = eb.or(
    [...columns, ...members].map((text) => sql<boolean>`instr(lower(${text}), ${wanted}) > 0`),
  )
  return /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(q)
    ? eb.and([sql<boolean>`instr(lower(events.event), ${wanted}) > 0`, within])
    : within
}
