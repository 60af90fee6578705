import type { Kysely } from 'kysely'
import type { AccountTables } from './account-tables.ts'

/** A one-time token; the token itself is nowhere. */
export interface TokenRecord {
  /** SHA-256 of the token, hex. */
  readonly digest: string
  /** What it is good for; a token of one kind is never taken for another. */
  readonly kind: string
  /** Whose it is; empty for nobody's yet. */
  readonly sub: string
  /** JSON, no secret in clear. */
  readonly payload: string
  /** Milliseconds since the epoch. */
  readonly expires: number
}

export interface TokenRepository {
  /** False where this digest was put before: so a put also tells a first use from a replay. */
  put(record: TokenRecord): Promise<boolean>
  /** Takes the token out if it is there and still good. Of any number of parallel takes one gets it. */
  take(digest: string, kind: string, now: number): Promise<TokenRecord | undefined>
  /** The same without taking it. */
  peek(digest: string, kind: string, now: number): Promise<TokenRecord | undefined>
  /** Ends all tokens of this kind and person. */
  drop(sub: string, kind: string): Promise<void>
  /** Deletes what has expired. */
  prune(now: number): Promise<void>
}

export function createTokenRepository(untyped: Kysely<unknown>): TokenRepository {
  const db = untyped.withTables<AccountTables>()
  return {
    async put(record) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('account_tokens')
        .values({ ...record })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow()
      return numInsertedOrUpdatedRows === 1n
    },
    async take(digest, kind, now) {
      const row = await db
        .deleteFrom('account_tokens')
        .where('digest', '=', digest)
        .where('kind', '=', kind)
        .where('expires', '>', now)
        .returningAll()
        .executeTakeFirst()
      return row && { ...row, expires: Number(row.expires) }
    },
    async peek(digest, kind, now) {
      const row = await db
        .selectFrom('account_tokens')
        .selectAll()
        .where('digest', '=', digest)
        .where('kind', '=', kind)
        .where('expires', '>', now)
        .executeTakeFirst()
      return row && { ...row, expires: Number(row.expires) }
    },
    async drop(sub, kind) {
      await db.deleteFrom('account_tokens').where('sub', '=', sub).where('kind', '=', kind).execute()
    },
    async prune(now) {
      await db.deleteFrom('account_tokens').where('expires', '<=', now).execute()
    },
  }
}
