import { Kysely, PostgresDialect } from 'kysely'
import { Unusable } from '../../kernel/finding.ts'
import { migrateState } from '../../repositories/migrate.ts'
import { migrated } from './migrated.ts'
import type { PostgresOptions } from './options.ts'
import { createPool, reasonOf } from './pool.ts'

/** The database that repositories work on. */
export interface PostgresStateStore {
  readonly db: Kysely<unknown>
  close(): Promise<void>
}

/**
 * Opens a PostgreSQL database for what must outlive a restart beside the audit events: accounts, clients, grants, keys,
 * ledgers, revocations. Several gateways may use one; of those that start at once one migrates. Throws `Unusable` where
 * it does not answer or was written by a newer version.
 */
export async function createPostgresStateStore(options: PostgresOptions): Promise<PostgresStateStore> {
  try {
    await migrated(options, (db) => migrateState(db, options.schema))
  } catch (error) {
    throw unusable(options, 'the database', error)
  }
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: createPool(options) }) })
  return { db, close: () => db.destroy() }
}

/** Names the place, never user or password. */
export function unusable({ host, port, database }: PostgresOptions, what: string, error: unknown): Unusable {
  return new Unusable([
    {
      rule: 'store.unusable',
      severity: 'error',
      message: `cannot use ${what} ${database} of PostgreSQL at ${host}:${port}: ${reasonOf(error)}`,
      fix: 'see that PostgreSQL runs there, takes these credentials, and lets them make tables in that database',
    },
  ])
}
