import { createHash } from 'node:crypto'
import type { Generated, Kysely } from 'kysely'
import { sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'

/** One audit event. The columns are what is filtered by, as `columnText` writes it; `event` is all of it, JSON. */
interface AuditEventsTable {
  /** Order of arrival; cursors are made of it. */
  seq: Generated<number>
  time: number
  id: string
  api: string
  operation: string
  issuer: string
  sub: string
  address: string
  status: number
  /** Problem code; null where the call was not refused. */
  code: string | null
  event: string
  /** Digest of a chained line, the same in no other; null where it has none. */
  line: string | null
}

export interface EventSchema {
  audit_events: AuditEventsTable
}

/** Forward only, applied in the order of their names; one that was released is never changed. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001-events': {
    async up(db: Kysely<unknown>): Promise<void> {
      let table = db.schema
        .createTable('audit_events')
        .addColumn('seq', 'bigserial', (column) => column.primaryKey())
        .addColumn('time', 'bigint', (column) => column.notNull())
      for (const name of ['id', 'api', 'operation', 'issuer', 'sub', 'address'] as const)
        table = table.addColumn(name, 'text', (column) => column.notNull())
      await table
        .addColumn('status', 'integer', (column) => column.notNull())
        .addColumn('code', 'text')
        .addColumn('event', 'text', (column) => column.notNull())
        .execute()
      // Events come in the order of time, near enough: a few bytes for each 128 pages.
      await sql`create index audit_events_time on audit_events using brin (time)`.execute(db)
      await sql`create index audit_events_id on audit_events (id)`.execute(db)
      await sql`create index audit_events_sub on audit_events (sub, seq) where sub <> ''`.execute(db)
      await sql`create index audit_events_address on audit_events (address, seq)`.execute(db)
      await sql`create index audit_events_operation on audit_events (api, operation, seq)`.execute(db)
      await sql`create index audit_events_refused on audit_events (seq) where code is not null`.execute(db)
      await sql`create index audit_events_code on audit_events (code, seq) where code is not null`.execute(db)
      await sql`create index audit_events_status on audit_events (status, seq) where status >= 400`.execute(
        db,
      )
    },
  },
  '0002-once': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.alterTable('audit_events').addColumn('line', 'text').execute()
      await sql`create unique index audit_events_line on audit_events (line) where line is not null`.execute(
        db,
      )
    },
  },
}

/** Brings a database to this version. Throws where it was written by a newer one. */
export async function migrateEvents(db: Kysely<unknown>, schema?: string): Promise<void> {
  const migrator = new Migrator({
    db,
    migrationTableName: 'audit_version',
    migrationLockTableName: 'audit_version_lock',
    ...(schema !== undefined && { migrationTableSchema: schema }),
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
  })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}

/** Longer texts do not fit into an index. */
const longest = 256

/**
 * A text as it stands in a column that is filtered by: an index holds no long value. Two texts that differ stay
 * different; the event itself keeps the text as it was.
 */
export function columnText(text: string): string {
  if (text.length <= longest) return text
  return `${text.slice(0, longest - 64)}…${createHash('sha256').update(text, 'utf16le').digest('base64url')}`
}
