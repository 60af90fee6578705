import type { Kysely } from 'kysely'
import type { AccountTables, PasskeyRow } from './account-tables.ts'

export interface PasskeyRecord {
  /** Credential id, base64url. */
  readonly id: string
  readonly sub: string
  readonly name: string
  /** COSE key, base64url. */
  readonly publicKey: string
  readonly counter: number
  readonly transports: readonly string[]
  readonly synced: boolean
  readonly created: number
  readonly lastUsed: number | undefined
}

export interface PasskeyRepository {
  /** False where this credential is known already. */
  insert(record: PasskeyRecord): Promise<boolean>
  byId(id: string): Promise<PasskeyRecord | undefined>
  /** Oldest first. */
  of(sub: string): Promise<readonly PasskeyRecord[]>
  used(id: string, counter: number, at: number): Promise<void>
  /** One of them, or all. */
  remove(sub: string, id?: string): Promise<boolean>
}

export function createPasskeyRepository(untyped: Kysely<unknown>): PasskeyRepository {
  const db = untyped.withTables<AccountTables>()
  return {
    async insert(record) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('account_passkeys')
        .values({
          id: record.id,
          sub: record.sub,
          name: record.name,
          public_key: record.publicKey,
          counter: record.counter,
          transports: JSON.stringify(record.transports),
          synced: Number(record.synced),
          created: record.created,
          last_used: record.lastUsed ?? null,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow()
      return numInsertedOrUpdatedRows === 1n
    },
    async byId(id) {
      const row = await db.selectFrom('account_passkeys').selectAll().where('id', '=', id).executeTakeFirst()
      return row && recordOf(row)
    },
    async of(sub) {
      const rows = await db
        .selectFrom('account_passkeys')
        .selectAll()
        .where('sub', '=', sub)
        .orderBy('created')
        .orderBy('id')
        .execute()
      return rows.map(recordOf)
    },
    async used(id, counter, at) {
      await db.updateTable('account_passkeys').set({ counter, last_used: at }).where('id', '=', id).execute()
    },
    async remove(sub, id) {
      let query = db.deleteFrom('account_passkeys').where('sub', '=', sub)
      if (id !== undefined) query = query.where('id', '=', id)
      return (await query.executeTakeFirstOrThrow()).numDeletedRows > 0n
    },
  }
}

function recordOf(row: PasskeyRow): PasskeyRecord {
  return {
    id: row.id,
    sub: row.sub,
    name: row.name,
    publicKey: row.public_key,
    counter: Number(row.counter),
    transports: JSON.parse(row.transports) as string[],
    synced: row.synced !== 0,
    created: Number(row.created),
    lastUsed: row.last_used === null ? undefined : Number(row.last_used),
  }
}
