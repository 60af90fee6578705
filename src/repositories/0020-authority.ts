import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Tables of the authorization server: records of the protocol, clients, signing keys. Times are whole seconds. */
export const authorityMigrations: Readonly<Record<string, Migration>> = {
  '0020-authority': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('authority_records')
        .addColumn('model', 'text', (column) => column.notNull())
        .addColumn('id', 'text', (column) => column.notNull())
        .addColumn('payload', 'text', (column) => column.notNull())
        .addColumn('family', 'text')
        .addColumn('uid', 'text')
        .addColumn('user_code', 'text')
        .addColumn('account', 'text')
        .addColumn('client', 'text')
        .addColumn('created', 'bigint', (column) => column.notNull())
        .addColumn('expires', 'bigint', (column) => column.notNull())
        .addColumn('consumed', 'bigint')
        .addPrimaryKeyConstraint('authority_records_key', ['model', 'id'])
        .execute()
      for (const column of ['family', 'uid', 'user_code', 'account', 'client', 'expires'] as const)
        await db.schema
          .createIndex(`authority_records_${column}`)
          .on('authority_records')
          .column(column)
          .execute()
      await db.schema
        .createTable('authority_clients')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('metadata', 'text', (column) => column.notNull())
        .addColumn('secret_digest', 'text')
        .addColumn('disabled', 'bigint')
        .addColumn('created', 'bigint', (column) => column.notNull())
        .addColumn('updated', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('authority_keys')
        .addColumn('kid', 'text', (column) => column.primaryKey())
        .addColumn('algorithm', 'text', (column) => column.notNull())
        .addColumn('sealed', 'text', (column) => column.notNull())
        .addColumn('created', 'bigint', (column) => column.notNull())
        .addColumn('retired', 'bigint')
        .execute()
    },
  },
}
