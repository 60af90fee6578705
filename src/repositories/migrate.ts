import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { migrations } from './migrations.ts'

/**
 * Brings the state tables (accounts, clients, grants, API keys, revocations) to this version. Forward only; throws
 * where the database was written by a newer version. The audit events have their own table of versions. `schema`: where
 * the tables are, in a database that has schemas.
 */
export async function migrateState(db: Kysely<unknown>, schema?: string): Promise<void> {
  const migrator = new Migrator({
    db,
    migrationTableName: 'state_version',
    migrationLockTableName: 'state_version_lock',
    ...(schema !== undefined && { migrationTableSchema: schema }),
    // Components add migrations independently of one another, so names need not come in one order.
    allowUnorderedMigrations: true,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
  })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}
