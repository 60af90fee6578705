import type { Migration } from 'kysely/migration'

export const apiKeyMigrations: Readonly<Record<string, Migration>> = {
  '0003-api-keys': {
    async up(db): Promise<void> {
      await db.schema
        .createTable('api_keys')
        .addColumn('id', 'varchar(32)', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('owner', 'text', (column) => column.notNull())
        // Lists as JSON: they are read whole.
        .addColumn('scopes', 'text', (column) => column.notNull())
        .addColumn('roles', 'text', (column) => column.notNull())
        .addColumn('secrets', 'text', (column) => column.notNull())
        .addColumn('created', 'bigint', (column) => column.notNull())
        .addColumn('expires', 'bigint')
        .addColumn('disabled', 'integer', (column) => column.notNull())
        .addColumn('revoked', 'bigint')
        .addColumn('last_used', 'bigint')
        .addColumn('change', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema.createIndex('api_keys_change').unique().on('api_keys').column('change').execute()
    },
  },
}
