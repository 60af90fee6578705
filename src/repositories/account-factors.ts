import type { Kysely } from 'kysely'
import type { AccountTables } from './account-tables.ts'

export interface TotpRecord {
  /** Sealed. */
  readonly secret: string
  readonly confirmed: boolean
  /** Number of the last 30 s step whose code was accepted; -1 before. */
  readonly lastStep: number
}

/** Authenticator apps and recovery codes. */
export interface FactorRepository {
  totp(sub: string): Promise<TotpRecord | undefined>
  /** Replaces a secret that was not confirmed; false where a confirmed one is there. */
  putTotp(sub: string, secret: string): Promise<boolean>
  /** Marks a step as used and the secret as confirmed; false where this or a later step was used before. */
  useStep(sub: string, step: number): Promise<boolean>
  removeTotp(sub: string): Promise<boolean>
  /** The digests replace all that were there. */
  putRecoveryCodes(sub: string, digests: readonly string[]): Promise<void>
  /** Takes a code out; true for one of any number of parallel tries. */
  takeRecoveryCode(sub: string, digest: string): Promise<boolean>
  countRecoveryCodes(sub: string): Promise<number>
}

export function createFactorRepository(untyped: Kysely<unknown>): FactorRepository {
  const db = untyped.withTables<AccountTables>()
  return {
    async totp(sub) {
      const row = await db.selectFrom('account_totp').selectAll().where('sub', '=', sub).executeTakeFirst()
      return row && { secret: row.secret, confirmed: row.confirmed !== 0, lastStep: Number(row.last_step) }
    },
    async putTotp(sub, secret) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('account_totp')
        .values({ sub, secret, confirmed: 0, last_step: -1 })
        .onConflict((conflict) =>
          conflict
            .column('sub')
            .doUpdateSet({ secret, last_step: -1 })
            .where('account_totp.confirmed', '=', 0),
        )
        .executeTakeFirstOrThrow()
      return numInsertedOrUpdatedRows === 1n
    },
    async useStep(sub, step) {
      const { numUpdatedRows } = await db
        .updateTable('account_totp')
        .set({ last_step: step, confirmed: 1 })
        .where('sub', '=', sub)
        .where('last_step', '<', step)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },
    async removeTotp(sub) {
      const { numDeletedRows } = await db
        .deleteFrom('account_totp')
        .where('sub', '=', sub)
        .executeTakeFirstOrThrow()
      return numDeletedRows === 1n
    },
    putRecoveryCodes: (sub, digests) =>
      db.transaction().execute(async (within) => {
        await within.deleteFrom('account_recovery_codes').where('sub', '=', sub).execute()
        if (digests.length > 0)
          await within
            .insertInto('account_recovery_codes')
            .values(digests.map((digest) => ({ digest, sub })))
            .execute()
      }),
    async takeRecoveryCode(sub, digest) {
      const { numDeletedRows } = await db
        .deleteFrom('account_recovery_codes')
        .where('sub', '=', sub)
        .where('digest', '=', digest)
        .executeTakeFirstOrThrow()
      return numDeletedRows === 1n
    },
    async countRecoveryCodes(sub) {
      const { count } = await db
        .selectFrom('account_recovery_codes')
        .select((of) => of.fn.countAll().as('count'))
        .where('sub', '=', sub)
        .executeTakeFirstOrThrow()
      return Number(count)
    },
  }
}
