import type { Migration } from 'kysely/migration'
import { changeMigrations } from './0001-changes.ts'
import { revocationMigrations } from './0002-revocations.ts'
import { apiKeyMigrations } from './0003-api-keys.ts'
import { accountMigrations } from './0010-accounts.ts'
import { limitMigrations } from './0019-limits.ts'
import { authorityMigrations } from './0020-authority.ts'
import { ledgerMigrations } from './0030-ledger.ts'
import { adminMigrations } from './0031-admin.ts'
import { holdMigrations } from './0034-holds.ts'
import { inventoryMigrations } from './0034-inventory.ts'
import { findingMigrations } from './0035-findings.ts'
import { identityKeyMigrations } from './0036-identity-keys.ts'

/**
 * Every migration of every component, `NNNN-component-what`. One that was released is never changed. Each component
 * keeps its own in a file beside its repository and is spread in here.
 */
export const migrations: Readonly<Record<string, Migration>> = {
  ...accountMigrations,
  ...changeMigrations,
  ...revocationMigrations,
  ...apiKeyMigrations,
  ...authorityMigrations,
  ...holdMigrations,
  ...identityKeyMigrations,
  ...inventoryMigrations,
  ...ledgerMigrations,
  ...limitMigrations,
  ...adminMigrations,
  ...findingMigrations,
}
