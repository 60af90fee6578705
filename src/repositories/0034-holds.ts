import type { Migration } from 'kysely/migration'

/** Callers who have to prove something anew because of a finding. */
export const holdMigrations: Readonly<Record<string, Migration>> = {
  '0034-holds': {
    async up(db) {
      await db.schema
        .createTable('holds')
        .addColumn('issuer', 'varchar(64)', (column) => column.notNull())
        .addColumn('sub', 'varchar(256)', (column) => column.notNull())
        .addColumn('response', 'varchar(10)', (column) => column.notNull())
        .addColumn('since', 'bigint', (column) => column.notNull())
        .addColumn('until', 'bigint', (column) => column.notNull())
        .addColumn('kind', 'varchar(64)', (column) => column.notNull())
        .addPrimaryKeyConstraint('holds_key', ['issuer', 'sub', 'response'])
        .execute()
    },
  },
}
