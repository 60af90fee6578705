import type { Migration } from 'kysely/migration'

/** What was noticed in the calls, and which blocks are the gateway's own. */
export const findingMigrations: Readonly<Record<string, Migration>> = {
  '0035-findings': {
    async up(db) {
      await db.schema
        .createTable('findings')
        .addColumn('id', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('time', 'bigint', (column) => column.notNull())
        .addColumn('kind', 'varchar(64)', (column) => column.notNull())
        .addColumn('subject_kind', 'varchar(16)', (column) => column.notNull())
        .addColumn('subject_key', 'text', (column) => column.notNull())
        .addColumn('score', 'double precision', (column) => column.notNull())
        .addColumn('summary', 'text', (column) => column.notNull())
        // JSON: an object of numbers and texts, a list of request ids, a list of responses.
        .addColumn('evidence', 'text', (column) => column.notNull())
        .addColumn('events', 'text', (column) => column.notNull())
        .addColumn('responses', 'text', (column) => column.notNull())
        .addColumn('change', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema.createIndex('findings_change').unique().on('findings').column('change').execute()
      await db.schema.createIndex('findings_time').on('findings').column('time').execute()
      await db.schema
        .createIndex('findings_subject')
        .on('findings')
        .columns(['subject_kind', 'subject_key'])
        .execute()
    },
  },
  '0035-findings-blocks': {
    async up(db) {
      // Kind of the finding that blocks; empty where it was somebody.
      await db.schema
        .alterTable('admin_blocks')
        .addColumn('finding', 'varchar(64)', (column) => column.notNull().defaultTo(''))
        .execute()
    },
  },
}
