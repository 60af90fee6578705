import type { Kysely, Transaction } from 'kysely'
import { nextChange } from './next-change.ts'

/** A signing key as it is stored: sealed. */
export interface StoredKey {
  readonly kid: string
  readonly algorithm: string
  /** The private JWK, sealed. */
  readonly sealed: string
  /** Milliseconds since the epoch. */
  readonly created: number
  /** When it stopped signing; undefined while it signs. */
  readonly retired: number | undefined
}

export interface SigningKeyRepository {
  /** Newest first. */
  list(): Promise<readonly StoredKey[]>
  /** Adds keys and retires all others of the same algorithms, in one transaction. */
  replace(keys: readonly StoredKey[], now: number): Promise<void>
  /** Adds keys only where the table holds none of their algorithms: of two processes that start at once one wins. */
  addFirst(keys: readonly StoredKey[]): Promise<void>
  /** Removes keys that were retired before `before`; how many went. */
  removeRetired(before: number): Promise<number>
}

interface Row {
  kid: string
  algorithm: string
  sealed: string
  created: number
  retired: number | null
}

interface Schema {
  authority_keys: Row
}

const component = 'authority-keys'

export function createSigningKeyRepository(database: Kysely<unknown>): SigningKeyRepository {
  const db = database as Kysely<Schema>
  const table = 'authority_keys'
  return {
    async list() {
      const rows = await db.selectFrom(table).selectAll().orderBy('created', 'desc').orderBy('kid').execute()
      return rows.map((row) => ({
        kid: row.kid,
        algorithm: row.algorithm,
        sealed: row.sealed,
        created: Number(row.created),
        retired: row.retired === null ? undefined : Number(row.retired),
      }))
    },
    replace: (keys, now) =>
      db.transaction().execute(async (transaction) => {
        // One at a time, also where the database runs transactions side by side.
        await nextChange(transaction as unknown as Transaction<unknown>, component)
        for (const key of keys) {
          await transaction
            .updateTable(table)
            .set({ retired: now })
            .where('algorithm', '=', key.algorithm)
            .where('retired', 'is', null)
            .execute()
          await transaction.insertInto(table).values(rowOf(key)).execute()
        }
      }),
    addFirst: (keys) =>
      db.transaction().execute(async (transaction) => {
        await nextChange(transaction as unknown as Transaction<unknown>, component)
        for (const key of keys) {
          const known = await transaction
            .selectFrom(table)
            .select('kid')
            .where('algorithm', '=', key.algorithm)
            .where('retired', 'is', null)
            .executeTakeFirst()
          if (known === undefined) await transaction.insertInto(table).values(rowOf(key)).execute()
        }
      }),
    async removeRetired(before) {
      const done = await db.deleteFrom(table).where('retired', '<', before).executeTakeFirst()
      return Number(done.numDeletedRows)
    },
  }
}

function rowOf(key: StoredKey): Row {
  return { ...key, retired: key.retired ?? null }
}
