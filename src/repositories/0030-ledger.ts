import type { Migration } from 'kysely/migration'

/** Tables of the ledger of given objects. */
export const ledgerMigrations: Readonly<Record<string, Migration>> = {
  '0030-ledger': {
    async up(db) {
      await db.schema
        .createTable('ledger_object')
        .addColumn('holder', 'varchar(22)', (column) => column.notNull())
        .addColumn('object', 'varchar(16)', (column) => column.notNull())
        .addColumn('owned', 'integer', (column) => column.notNull())
        .addColumn('until', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('ledger_object_key', ['holder', 'object'])
        .execute()
      await db.schema.createIndex('ledger_object_until').on('ledger_object').column('until').execute()
      await db.schema
        .createTable('ledger_secret')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('secret', 'varchar(44)', (column) => column.notNull())
        .execute()
    },
  },
}
