import type { Migration } from 'kysely/migration'

/** Tables of what limits must not forget: spent quotas, and locks. */
export const limitMigrations: Readonly<Record<string, Migration>> = {
  '0019-limits': {
    async up(db) {
      await db.schema
        .createTable('limit_quotas')
        .addColumn('key', 'varchar(43)', (column) => column.notNull())
        .addColumn('until', 'bigint', (column) => column.notNull())
        .addColumn('spent', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('limit_quotas_key', ['key', 'until'])
        .execute()
      await db.schema.createIndex('limit_quotas_until').on('limit_quotas').column('until').execute()
      await db.schema
        .createTable('limit_locks')
        .addColumn('key', 'varchar(43)', (column) => column.notNull().primaryKey())
        .addColumn('api', 'varchar(64)', (column) => column.notNull())
        .addColumn('limit', 'varchar(64)', (column) => column.notNull())
        // Ends at once where it was opened: processes that follow the changes learn of that too.
        .addColumn('until', 'bigint', (column) => column.notNull())
        .addColumn('created', 'bigint', (column) => column.notNull())
        .addColumn('change', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema.createIndex('limit_locks_change').unique().on('limit_locks').column('change').execute()
      await db.schema.createIndex('limit_locks_until').on('limit_locks').column('until').execute()
    },
  },
}
