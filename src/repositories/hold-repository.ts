import type { Kysely } from 'kysely'
import type { Hold, HoldStore } from '../kernel/hold.ts'

interface HoldTables {
  readonly holds: {
    readonly issuer: string
    readonly sub: string
    readonly response: string
    readonly since: number
    readonly until: number
    readonly kind: string
  }
}

/** Holds in a database. */
export function createHoldRepository(state: Kysely<unknown>): HoldStore {
  const db = state as Kysely<HoldTables>
  return {
    async put({ issuer, sub, response, since, until, kind }) {
      await db
        .insertInto('holds')
        .values({ issuer, sub, response, since, until, kind })
        .onConflict((conflict) =>
          conflict.columns(['issuer', 'sub', 'response']).doUpdateSet({ since, until, kind }),
        )
        .execute()
    },
    async live(now) {
      const rows = await db.selectFrom('holds').selectAll().where('until', '>', now).limit(10_000).execute()
      // PostgreSQL gives a bigint as text.
      return rows.map((row) => ({
        ...row,
        response: row.response as Hold['response'],
        since: Number(row.since),
        until: Number(row.until),
      }))
    },
    async remove(issuer, sub) {
      const { numDeletedRows } = await db
        .deleteFrom('holds')
        .where('issuer', '=', issuer)
        .where('sub', '=', sub)
        .executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    },
    async purge(now) {
      const { numDeletedRows } = await db
        .deleteFrom('holds')
        .where('until', '<=', now)
        .executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    },
  }
}
