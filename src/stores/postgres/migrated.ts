import { Kysely, PostgresDialect } from 'kysely'
import type { PostgresOptions } from './options.ts'
import { createPool } from './pool.ts'

/** Migrations may take long, and may wait for those of another process: ten minutes, on a connection of their own. */
export async function migrated(
  options: PostgresOptions,
  migrate: (db: Kysely<unknown>) => Promise<void>,
): Promise<void> {
  const pool = createPool(options, { max: 1, statementMs: 600_000, name: 'sallyport-migrate' })
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  try {
    await migrate(db)
  } finally {
    await db.destroy()
  }
}
