import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'

/** Forward only, applied in the order of their names; one that was released is never changed. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001-events': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('events')
        .addColumn('seq', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('time', 'integer', (column) => column.notNull())
        .addColumn('id', 'text', (column) => column.notNull())
        .addColumn('api', 'text', (column) => column.notNull())
        .addColumn('operation', 'text', (column) => column.notNull())
        .addColumn('issuer', 'text', (column) => column.notNull())
        .addColumn('sub', 'text', (column) => column.notNull())
        .addColumn('address', 'text', (column) => column.notNull())
        .addColumn('status', 'integer', (column) => column.notNull())
        .addColumn('code', 'text')
        .addColumn('event', 'text', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('lookup')
        .addColumn('chunk', 'integer', (column) => column.notNull())
        .addColumn('kind', 'integer', (column) => column.notNull())
        .addColumn('value', 'text', (column) => column.notNull())
        .addColumn('seq', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('lookup_key', ['chunk', 'kind', 'value', 'seq'])
        .modifyEnd(sql`without rowid`)
        .execute()
      await db.schema
        .createTable('chunks')
        .addColumn('chunk', 'integer', (column) => column.primaryKey())
        .addColumn('earliest', 'integer', (column) => column.notNull())
        .addColumn('latest', 'integer', (column) => column.notNull())
        .execute()
    },
  },
  '0031-apis': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('apis')
        .addColumn('api', 'text', (column) => column.primaryKey())
        .modifyEnd(sql`without rowid`)
        .execute()
      // Names alone are read, each once: of entries that are in order the next name is one step away.
      await sql`
        insert or ignore into apis
        with recursive found (chunk, api) as (
          select chunk, (
            select substr(value, 1, instr(value, char(31)) - 1) from lookup
            where lookup.chunk = chunks.chunk and kind = 4 order by value limit 1
          ) from chunks
          union
          select chunk, (
            select substr(value, 1, instr(value, char(31)) - 1) from lookup
            where lookup.chunk = found.chunk and kind = 4 and value > found.api || char(32) order by value limit 1
          ) from found where api is not null
        )
        select api from found where api is not null`.execute(db)
    },
  },
}

/** Brings a database to this version. Throws where it was written by a newer one. */
export async function migrate<T>(db: Kysely<T>): Promise<void> {
  const migrator = new Migrator({
    db,
    migrationTableName: 'schema_version',
    migrationLockTableName: 'schema_version_lock',
    provider: { getMigrations: async () => migrations },
  })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}
