import type { Migration } from 'kysely/migration'

/** Table of the keys that sign what upstreams are told of callers. */
export const identityKeyMigrations: Readonly<Record<string, Migration>> = {
  '0036-identity-keys': {
    async up(db) {
      await db.schema
        .createTable('identity_keys')
        .addColumn('kid', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('sealed', 'text', (column) => column.notNull())
        .addColumn('created', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
}
