import type { Migration } from 'kysely/migration'

/** What was seen of operations: shapes and counts, as JSON. */
export const inventoryMigrations: Readonly<Record<string, Migration>> = {
  '0034-inventory': {
    async up(db) {
      await db.schema
        .createTable('inventory')
        .addColumn('kind', 'varchar(10)', (column) => column.notNull())
        .addColumn('api', 'varchar(64)', (column) => column.notNull())
        .addColumn('name', 'varchar(300)', (column) => column.notNull())
        .addColumn('version', 'integer', (column) => column.notNull())
        .addColumn('sighting', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('inventory_key', ['kind', 'api', 'name'])
        .execute()
    },
  },
}
