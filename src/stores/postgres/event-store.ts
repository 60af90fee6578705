import {
  type Expression,
  expressionBuilder,
  Kysely,
  PostgresDialect,
  type RawBuilder,
  type SqlBool,
  sql,
} from 'kysely'
import { type AuditEvent, nobody } from '../../kernel/event.ts'
import { asciiLower, codePrefixOf } from '../../kernel/passes-filter.ts'
import type { EventFilter, EventPage, EventStore } from '../../kernel/ports.ts'
import { columnText, type EventSchema, migrateEvents } from './event-schema.ts'
import { migrated } from './migrated.ts'
import type { PostgresOptions } from './options.ts'
import { createPool } from './pool.ts'
import { unusable } from './state-store.ts'

export interface PostgresEventStoreOptions extends PostgresOptions {
  /** What is kept; nothing goes where both are undefined. */
  readonly retention?: { readonly ageMs?: number; readonly rows?: number }
  /** How often retention is applied. Default a minute. */
  readonly expireEveryMs?: number
  /** Told how many events retention has removed. */
  readonly onExpired?: (events: number) => void
}

/** Names the lock under which events are appended. */
const appendLock = 0x5a11_9047
/** Events that a search with a limit of time looks through first. */
const firstRun = 5_000
/** Rows that one statement of retention removes. */
const expireRows = 10_000

/**
 * Audit events in PostgreSQL, of all gateways that use it. A batch is one statement: eleven arrays, whatever the number of
 * events. Batches take turns, so that `seq` becomes visible in its order and a reader misses none that came late; at
 * one batch of 128 in 3 ms that is some 40,000 events a second. A batch whose answer was lost is offered again, and the server
 * may have kept it, or may do so later: a line that is there is not written twice. Throws `Unusable` where the database cannot be used.
 */
export async function createPostgresEventStore(options: PostgresEventStoreOptions): Promise<EventStore> {
  try {
    await migrated(options, (db) => migrateEvents(db, options.schema))
  } catch (error) {
    throw unusable(options, 'for audit events the database', error)
  }
  const db = new Kysely<EventSchema>({
    dialect: new PostgresDialect({ pool: createPool(options, { max: 2, name: 'sallyport-events' }) }),
  })
  const { retention = {} } = options
  const timer =
    retention.ageMs === undefined && retention.rows === undefined
      ? undefined
      : setInterval(() => {
          expire(db, retention, Date.now())
            .then((events) => {
              if (events > 0) options.onExpired?.(events)
            })
            .catch(() => undefined)
        }, options.expireEveryMs ?? 60_000).unref()
  return {
    async append(events, lines) {
      if (events.length > 0) await appendEvents(db, events, lines)
    },
    async query(filter, limit, before, withinMs) {
      const cursor = before === undefined ? undefined : cursorOf(before)
      if (before !== undefined && cursor === undefined) return { events: [], next: undefined }
      // One more than asked for tells whether there is a next page.
      if (withinMs !== undefined) return searchWithin(db, filter, limit, cursor, withinMs)
      return pageOf(await search(db, filter, limit + 1, cursor), limit)
    },
    async *lines(filter) {
      for (let after = 0; ; ) {
        const page = await walk(db, filter, after)
        for (const { event } of page) yield event
        const last = page.at(-1)
        if (last === undefined) return
        after = last.seq
      }
    },
    async erase({ issuer, sub }, erase) {
      let count = 0
      for (let after = 0; ; ) {
        const page = await walk(db, { issuer, sub }, after)
        const last = page.at(-1)
        if (last === undefined) break
        after = last.seq
        const erased = page.flatMap(({ seq, event }): [number, string][] => {
          const rest = erase(event)
          return rest === undefined ? [] : [[seq, rest]]
        })
        await replaceLines(db, erased)
        count += erased.length
      }
      // What was replaced lies in the table until it is swept.
      if (count > 0) await sql`vacuum audit_events`.execute(db).catch(() => undefined)
      return count
    },
    async close() {
      clearInterval(timer)
      await db.destroy()
    },
  }
}

function search(
  db: Kysely<EventSchema>,
  filter: EventFilter,
  limit: number,
  before: number | undefined,
  from?: number,
): Promise<{ seq: number; event: string }[]> {
  return db
    .selectFrom('audit_events')
    .select(['seq', 'event'])
    .where(conditionOf(filter))
    .$if(before !== undefined, (query) => query.where('seq', '<', before ?? 0))
    .$if(from !== undefined, (query) => query.where('seq', '>=', from ?? 0))
    .orderBy('seq', 'desc')
    .limit(limit)
    .execute()
}

/** Looks through ever larger runs of events as long as that is quick, and gives up after a time. */
async function searchWithin(
  db: Kysely<EventSchema>,
  filter: EventFilter,
  limit: number,
  before: number | undefined,
  withinMs: number,
): Promise<EventPage> {
  const started = performance.now()
  const { newest, oldest } = await db
    .selectFrom('audit_events')
    .select((eb) => [
      eb.fn.coalesce(eb.fn.max('seq'), sql<number>`0`).as('newest'),
      eb.fn.coalesce(eb.fn.min('seq'), sql<number>`0`).as('oldest'),
    ])
    .executeTakeFirstOrThrow()
  const found: { seq: number; event: string }[] = []
  let high = Math.min(before ?? Number.MAX_SAFE_INTEGER, Number(newest) + 1)
  for (let width = firstRun; high > Number(oldest) && found.length <= limit; ) {
    const now = performance.now()
    const low = Math.max(high - width, 0)
    found.push(...(await search(db, filter, limit + 1 - found.length, high, low)))
    high = low
    const took = performance.now() - now
    if (took > 60) width = Math.max(firstRun, Math.floor(width / 2))
    else if (took < 20) width *= 4
    if (now + took - started > withinMs && found.length <= limit && high > Number(oldest))
      return { events: pageOf(found, limit).events, next: String(high) }
  }
  return pageOf(found, limit)
}

/** Events oldest first, after one `seq`: for export, verification and erasure. */
function walk(
  db: Kysely<EventSchema>,
  filter: EventFilter,
  after: number,
): Promise<{ seq: number; event: string }[]> {
  return db
    .selectFrom('audit_events')
    .select(['seq', 'event'])
    .where('seq', '>', after)
    .where(conditionOf(filter))
    .orderBy('seq', 'asc')
    .limit(1_000)
    .execute()
}

async function replaceLines(
  db: Kysely<EventSchema>,
  rows: readonly (readonly [seq: number, line: string])[],
): Promise<void> {
  if (rows.length === 0) return
  await sql`
    update audit_events set event = rows.line, sub = '', address = ''
    from unnest(${rows.map(([seq]) => seq)}::bigint[], ${rows.map(([, line]) => line)}::text[]) as rows (seq, line)
    where audit_events.seq = rows.seq`.execute(db)
}

async function appendEvents(
  db: Kysely<EventSchema>,
  events: readonly AuditEvent[],
  lines: readonly string[] | undefined,
): Promise<void> {
  const texts = (name: 'id' | 'api' | 'operation' | 'issuer' | 'sub' | 'address'): string[] =>
    events.map((event) => columnText(event[name]))
  // The lock is taken before the first row is made, and held until the end of the statement's own transaction.
  await sql`
    with turn as materialized (select pg_advisory_xact_lock(${appendLock}))
    insert into audit_events (time, id, api, operation, issuer, sub, address, status, code, event, line)
    select rows.* from turn, unnest(
      ${events.map((event) => event.time)}::bigint[], ${texts('id')}::text[], ${texts('api')}::text[],
      ${texts('operation')}::text[], ${texts('issuer')}::text[], ${texts('sub')}::text[],
      ${texts('address')}::text[], ${events.map((event) => event.status)}::integer[],
      ${events.map((event) => event.code ?? null)}::text[],
      ${events.map((event, i) => lines?.[i] ?? JSON.stringify(event))}::text[],
      ${events.map((_, i) => digestOf(lines?.[i]))}::text[]
    ) as rows
    on conflict do nothing`.execute(db)
}

const hashMember = '"hash":"'

/** The digest of a chained line: its chain is the last of its members. */
function digestOf(line: string | undefined): string | null {
  const at = line?.lastIndexOf(hashMember) ?? -1
  const digest = at === -1 ? '' : (line?.slice(at + hashMember.length, at + hashMember.length + 43) ?? '')
  return /^[\w-]{43}$/.test(digest) ? digest : null
}

/** Only what is oldest goes, so that what stays of a run has no gap. Returns how many events went. */
async function expire(
  db: Kysely<EventSchema>,
  { ageMs, rows }: NonNullable<PostgresEventStoreOptions['retention']>,
  now: number,
): Promise<number> {
  const last = await lastOf(db)
  let firstKept = rows === undefined ? 0 : last - rows + 1
  if (ageMs !== undefined) {
    const { young } = await db
      .selectFrom('audit_events')
      .select((eb) => eb.fn.min('seq').as('young'))
      .where('time', '>=', now - ageMs)
      .executeTakeFirstOrThrow()
    firstKept = Math.max(firstKept, young === null ? last + 1 : Number(young))
  }
  for (let gone = 0; ; ) {
    const { numDeletedRows } = await db
      .deleteFrom('audit_events')
      .where('seq', 'in', (eb) =>
        eb
          .selectFrom('audit_events')
          .select('seq')
          .where('seq', '<', firstKept)
          .orderBy('seq')
          .limit(expireRows),
      )
      .executeTakeFirst()
    gone += Number(numDeletedRows)
    if (Number(numDeletedRows) < expireRows) return gone
  }
}

async function lastOf(db: Kysely<EventSchema>): Promise<number> {
  const { last } = await db
    .selectFrom('audit_events')
    .select((eb) => eb.fn.coalesce(eb.fn.max('seq'), sql<number>`0`).as('last'))
    .executeTakeFirstOrThrow()
  return Number(last)
}

function pageOf(found: readonly { seq: number; event: string }[], limit: number): EventPage {
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return {
    events: page.map(({ event }) => ({ ...nobody, ...(JSON.parse(event) as AuditEvent) })),
    next: found.length > limit && last !== undefined ? String(last.seq) : undefined,
  }
}

/** Cursors come back from outside: anything but a number selects nothing. */
function cursorOf(before: string): number | undefined {
  return /^\d{1,15}$/.test(before) ? Number(before) : undefined
}

function conditionOf(filter: EventFilter): Expression<SqlBool> {
  const eb = expressionBuilder<EventSchema, 'audit_events'>()
  const all: Expression<SqlBool>[] = []
  if (filter.since !== undefined) all.push(eb('time', '>=', Math.ceil(filter.since)))
  if (filter.until !== undefined) all.push(eb('time', '<=', Math.floor(filter.until)))
  for (const name of ['id', 'api', 'operation', 'issuer', 'sub', 'address', 'code'] as const) {
    const value = filter[name]
    if (value !== undefined) all.push(eb(name, '=', columnText(value)))
  }
  if (filter.sub !== undefined && filter.sub !== '') all.push(eb('sub', '<>', ''))
  if (filter.status !== undefined) {
    all.push(eb('status', '=', filter.status))
    if (filter.status >= 400) all.push(eb('status', '>=', 400))
  }
  if (filter.operationPrefix !== undefined)
    all.push(sql<boolean>`starts_with(operation, ${filter.operationPrefix})`)
  if (filter.stage !== undefined) {
    const prefix = codePrefixOf(filter.stage)
    all.push(eb('code', 'is not', null), sql<boolean>`starts_with(code, ${prefix})`)
  }
  if (filter.method !== undefined)
    all.push(sql<boolean>`${memberOf('method')} = ${JSON.stringify(filter.method).slice(1, -1)}`)
  if (filter.q !== undefined) all.push(mentions(filter.q))
  if (filter.outcome === 'denied') all.push(eb('code', 'is not', null))
  if (filter.outcome === 'allowed') all.push(eb('code', 'is', null))
  return eb.and(all)
}

/**
 * A member of the line that is a text, as JSON writes it. No cast to jsonb: it refuses texts that JSON allows. A quote within
 * another text has a backslash before it, so that no text can pass for a member.
 */
function memberOf(name: 'client' | 'method' | 'path' | 'reason'): RawBuilder<string> {
  return sql<string>`substring(event from ${`"${name}":"((?:[^"\\\\]|\\\\.)*)"`})`
}

function mentions(q: string): Expression<SqlBool> {
  const eb = expressionBuilder<EventSchema, 'audit_events'>()
  const wanted = asciiLower(q)
  const columns = (['id', 'api', 'operation', 'sub', 'address', 'code'] as const).map(
    (name) =>
      sql<boolean>`position(${columnText(wanted)} in translate(${sql.ref(name)}, ${upper}, ${lower})) > 0`,
  )
  const escaped = JSON.stringify(wanted).slice(1, -1)
  const members = (['client', 'method', 'path', 'reason'] as const).map(
    (name) => sql<boolean>`position(${escaped} in translate(${memberOf(name)}, ${upper}, ${lower})) > 0`,
  )
  return eb.or([...columns, ...members])
}

const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const lower = upper.toLowerCase()
