import type { Migration } from 'kysely/migration'

/** Table of whom operators refuse for a time. */
export const adminMigrations: Readonly<Record<string, Migration>> = {
  '0031-admin-blocks': {
    async up(db) {
      await db.schema
        .createTable('admin_blocks')
        .addColumn('kind', 'varchar(16)', (column) => column.notNull())
        .addColumn('key', 'text', (column) => column.notNull())
        // 0 where it was taken back: processes that follow the changes learn of that too.
        .addColumn('until', 'bigint', (column) => column.notNull())
        .addColumn('by', 'text', (column) => column.notNull())
        .addColumn('reason', 'text', (column) => column.notNull())
        .addColumn('created', 'bigint', (column) => column.notNull())
        .addColumn('change', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('admin_blocks_key', ['kind', 'key'])
        .execute()
      await db.schema
        .createIndex('admin_blocks_change')
        .unique()
        .on('admin_blocks')
        .column('change')
        .execute()
      await db.schema.createIndex('admin_blocks_until').on('admin_blocks').column('until').execute()
    },
  },
}
