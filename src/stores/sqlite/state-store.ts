import { chmodSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import { Unusable } from '../../kernel/finding.ts'
import { migrateState } from '../../repositories/migrate.ts'
import { createSqliteDialect } from './dialect.ts'

/** The database that repositories work on. */
export interface StateStore {
  readonly db: Kysely<unknown>
  close(): Promise<void>
}

/**
 * Opens the SQLite file (or `:memory:`) for what must outlive a restart beside the audit events: accounts, clients,
 * grants, keys, revocations. Made with mode 0600. Throws `Unusable` where it cannot be opened or is of a newer version.
 */
export async function createSqliteStateStore(path: string): Promise<StateStore> {
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const database = new DatabaseSync(path, { timeout: 5_000, enableForeignKeyConstraints: true })
    if (path !== ':memory:') chmodSync(path, 0o600)
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON')
    const db = new Kysely<unknown>({ dialect: createSqliteDialect(database) })
    await migrateState(db)
    return { db, close: () => db.destroy() }
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown'
    throw new Unusable([
      { rule: 'store.unusable', severity: 'error', message: `cannot use the database ${path}: ${reason}` },
    ])
  }
}
