import type { Kysely } from 'kysely'
import type { AccountTables } from './account-tables.ts'

/** Consecutive failures under one key, and when the next try may come. */
export interface Attempts {
  readonly failures: number
  /** Milliseconds since the epoch. */
  readonly nextAt: number
}

export interface AttemptRepository {
  of(key: string): Promise<Attempts>
  /** Writes `next` if the failures still are `before`; false where somebody else was faster. */
  swap(key: string, before: number, next: Attempts): Promise<boolean>
  clear(keys: readonly string[]): Promise<void>
}

export function createAttemptRepository(untyped: Kysely<unknown>): AttemptRepository {
  const db = untyped.withTables<AccountTables>()
  return {
    async of(key) {
      const row = await db
        .selectFrom('account_attempts')
        .selectAll()
        .where('key', '=', key)
        .executeTakeFirst()
      return { failures: row?.failures ?? 0, nextAt: Number(row?.next_at ?? 0) }
    },
    async swap(key, before, next) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('account_attempts')
        .values({ key, failures: next.failures, next_at: next.nextAt })
        .onConflict((conflict) =>
          conflict
            .column('key')
            .doUpdateSet({ failures: next.failures, next_at: next.nextAt })
            .where('account_attempts.failures', '=', before),
        )
        .executeTakeFirstOrThrow()
      return numInsertedOrUpdatedRows === 1n
    },
    async clear(keys) {
      await db
        .updateTable('account_attempts')
        .set({ failures: 0, next_at: 0 })
        .where('key', 'in', keys)
        .execute()
    },
  }
}
