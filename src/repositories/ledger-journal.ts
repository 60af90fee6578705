import { randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { LedgerJournal, LedgerRow } from '../kernel/ledger-store.ts'

interface LedgerTables {
  readonly ledger_object: {
    readonly holder: string
    readonly object: string
    readonly owned: number
    readonly until: number
  }
  readonly ledger_secret: { readonly id: number; readonly secret: string }
}

/** The ledger at rest. It holds digests and keyed hashes: whose they are, and of what, cannot be read from it. */
export function createLedgerJournal(state: Kysely<unknown>): LedgerJournal {
  const db = state as Kysely<LedgerTables>
  return {
    async secret() {
      const made = { id: 1, secret: randomBytes(16).toString('base64url') }
      await db
        .insertInto('ledger_secret')
        .values(made)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute()
      const { secret } = await db
        .selectFrom('ledger_secret')
        .select('secret')
        .where('id', '=', 1)
        .executeTakeFirstOrThrow()
      return Buffer.from(secret, 'base64url')
    },
    async load(holder, now, limit) {
      const rows = await db
        .selectFrom('ledger_object')
        .selectAll()
        .where('holder', '=', holder)
        .where('until', '>', now)
        .orderBy('until', 'desc')
        .limit(limit)
        .execute()
      return rows.map((row): LedgerRow => ({ ...row, owned: row.owned === 1 }))
    },
    async save(rows) {
      const kept = rows.filter((row) => row.until > 0)
      const gone = rows.filter((row) => row.until === 0)
      await db.transaction().execute(async (transaction) => {
        if (kept.length > 0)
          await transaction
            .insertInto('ledger_object')
            .values(kept.map((row) => ({ ...row, owned: row.owned ? 1 : 0 })))
            .onConflict((conflict) =>
              conflict.columns(['holder', 'object']).doUpdateSet((row) => ({
                owned: row.ref('excluded.owned'),
                until: row.ref('excluded.until'),
              })),
            )
            .execute()
        for (const { holder, object } of gone)
          await transaction
            .deleteFrom('ledger_object')
            .where('holder', '=', holder)
            .where('object', '=', object)
            .execute()
      })
    },
    async purge(now) {
      const { numDeletedRows } = await db
        .deleteFrom('ledger_object')
        .where('until', '<=', now)
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
  }
}
