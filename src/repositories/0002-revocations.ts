import type { Migration } from 'kysely/migration'

export const revocationMigrations: Readonly<Record<string, Migration>> = {
  '0002-revocations': {
    async up(db): Promise<void> {
      await db.schema
        .createTable('revocations')
        .addColumn('kind', 'varchar(16)', (column) => column.notNull())
        // Empty: of every issuer.
        .addColumn('issuer', 'varchar(64)', (column) => column.notNull())
        .addColumn('value', 'text', (column) => column.notNull())
        .addColumn('before', 'bigint', (column) => column.notNull())
        .addColumn('until', 'bigint', (column) => column.notNull())
        .addColumn('created', 'bigint', (column) => column.notNull())
        .addColumn('change', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('revocations_key', ['kind', 'issuer', 'value'])
        .execute()
      await db.schema.createIndex('revocations_change').unique().on('revocations').column('change').execute()
      await db.schema.createIndex('revocations_until').on('revocations').column('until').execute()
    },
  },
}
