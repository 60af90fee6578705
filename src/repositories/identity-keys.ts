import type { Kysely, Transaction } from 'kysely'
import { nextChange } from './next-change.ts'

/** A key that signs what upstreams are told of callers, as it is stored: sealed. */
export interface StoredIdentityKey {
  readonly kid: string
  /** PKCS #8 PEM, sealed. */
  readonly sealed: string
  /** Milliseconds since the epoch. */
  readonly created: number
}

export interface IdentityKeyRepository {
  /** Newest first. */
  list(): Promise<readonly StoredIdentityKey[]>
  /** Adds a key unless there is one made after `newest`: of two gateways that replace it at once one wins. */
  add(key: StoredIdentityKey, newest: number): Promise<void>
  remove(kids: readonly string[]): Promise<void>
}

interface Schema {
  identity_keys: StoredIdentityKey
}

/** Keys that are read: more than gateways that share a database can have made within their time. */
const most = 1_000

export function createIdentityKeyRepository(database: Kysely<unknown>): IdentityKeyRepository {
  const db = database as Kysely<Schema>
  return {
    async list() {
      const rows = await db
        .selectFrom('identity_keys')
        .selectAll()
        .orderBy('created', 'desc')
        .orderBy('kid')
        .limit(most)
        .execute()
      // PostgreSQL gives a bigint as text.
      return rows.map((row) => ({ ...row, created: Number(row.created) }))
    },
    add: (key, newest) =>
      db.transaction().execute(async (transaction) => {
        // One at a time, also where the database runs transactions side by side.
        await nextChange(transaction as unknown as Transaction<unknown>, 'identity-keys')
        const later = await transaction
          .selectFrom('identity_keys')
          .select('kid')
          .where('created', '>', newest)
          .executeTakeFirst()
        if (later === undefined) await transaction.insertInto('identity_keys').values(key).execute()
      }),
    async remove(kids) {
      if (kids.length > 0) await db.deleteFrom('identity_keys').where('kid', 'in', kids).execute()
    },
  }
}
