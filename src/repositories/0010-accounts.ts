import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Accounts and what belongs to them; rows as in `account-tables.ts`. */
export const accountMigrations: Readonly<Record<string, Migration>> = {
  '0010-accounts': {
    async up(db: Kysely<unknown>): Promise<void> {
      const { schema } = db
      await schema
        .createTable('accounts')
        .addColumn('sub', 'text', (column) => column.primaryKey())
        .addColumn('email', 'text', (column) => column.notNull())
        .addColumn('email_key', 'text', (column) => column.notNull().unique())
        .addColumn('email_verified', 'integer', (column) => column.notNull())
        .addColumn('name', 'text')
        .addColumn('roles', 'text', (column) => column.notNull())
        .addColumn('disabled', 'integer', (column) => column.notNull())
        .addColumn('created', 'bigint', (column) => column.notNull())
        .addColumn('password', 'text')
        .addColumn('password_alone', 'integer', (column) => column.notNull())
        .execute()
      await schema
        .createTable('account_tokens')
        .addColumn('digest', 'text', (column) => column.primaryKey())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('sub', 'text', (column) => column.notNull())
        .addColumn('payload', 'text', (column) => column.notNull())
        .addColumn('expires', 'bigint', (column) => column.notNull())
        .execute()
      await schema
        .createTable('account_totp')
        .addColumn('sub', 'text', (column) => column.primaryKey())
        .addColumn('secret', 'text', (column) => column.notNull())
        .addColumn('confirmed', 'integer', (column) => column.notNull())
        .addColumn('last_step', 'bigint', (column) => column.notNull())
        .execute()
      await schema
        .createTable('account_recovery_codes')
        .addColumn('digest', 'text', (column) => column.primaryKey())
        .addColumn('sub', 'text', (column) => column.notNull())
        .execute()
      await schema
        .createTable('account_passkeys')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('sub', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('public_key', 'text', (column) => column.notNull())
        .addColumn('counter', 'bigint', (column) => column.notNull())
        .addColumn('transports', 'text', (column) => column.notNull())
        .addColumn('synced', 'integer', (column) => column.notNull())
        .addColumn('created', 'bigint', (column) => column.notNull())
        .addColumn('last_used', 'bigint')
        .execute()
      await schema
        .createTable('account_sessions')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('sub', 'text', (column) => column.notNull())
        .addColumn('amr', 'text', (column) => column.notNull())
        .addColumn('created', 'bigint', (column) => column.notNull())
        .addColumn('last_seen', 'bigint', (column) => column.notNull())
        .addColumn('address', 'text', (column) => column.notNull())
        .addColumn('user_agent', 'text', (column) => column.notNull())
        .execute()
      await schema
        .createTable('account_devices')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('sub', 'text', (column) => column.notNull())
        .addColumn('created', 'bigint', (column) => column.notNull())
        .addColumn('last_seen', 'bigint', (column) => column.notNull())
        .execute()
      await schema
        .createTable('account_attempts')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('failures', 'integer', (column) => column.notNull())
        .addColumn('next_at', 'bigint', (column) => column.notNull())
        .execute()
      await schema
        .createTable('account_signals')
        .addColumn('seq', 'bigint', (column) => column.primaryKey())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('sub', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('session', 'text')
        .execute()
      const perPerson = [
        'account_tokens',
        'account_recovery_codes',
        'account_passkeys',
        'account_sessions',
        'account_devices',
      ]
      for (const table of perPerson)
        await schema.createIndex(`${table}_sub`).on(table).column('sub').execute()
      await schema.createIndex('account_tokens_expires').on('account_tokens').column('expires').execute()
      await schema.createIndex('account_signals_at').on('account_signals').column('at').execute()
    },
  },
}
