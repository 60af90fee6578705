import type { Migration } from 'kysely/migration'

/** One row a component: the number of its newest write. See `nextChange`. */
export const changeMigrations: Readonly<Record<string, Migration>> = {
  '0001-changes': {
    async up(db): Promise<void> {
      await db.schema
        .createTable('changes')
        .addColumn('component', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('latest', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
}
