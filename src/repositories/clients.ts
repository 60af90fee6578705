import type { Kysely } from 'kysely'

/** A client of the authorization server as it is stored. */
export interface StoredClient {
  readonly id: string
  /** JSON: what `ClientRegistration` of the authority says, without the secret. */
  readonly metadata: string
  /** SHA-256 of the secret, hex; undefined for clients without one. */
  readonly secretDigest: string | undefined
  /** Milliseconds since the epoch; undefined while it is enabled. */
  readonly disabled: number | undefined
  readonly created: number
  readonly updated: number
}

export interface ClientRepository {
  /** False where the id is taken. */
  insert(client: StoredClient): Promise<boolean>
  find(id: string): Promise<StoredClient | undefined>
  list(limit: number, after?: string): Promise<readonly StoredClient[]>
  /** False where there is none. */
  update(
    id: string,
    change: Partial<Pick<StoredClient, 'metadata' | 'secretDigest' | 'disabled'>>,
    now: number,
  ): Promise<boolean>
  remove(id: string): Promise<boolean>
}

interface Row {
  id: string
  metadata: string
  secret_digest: string | null
  disabled: number | null
  created: number
  updated: number
}

interface Schema {
  authority_clients: Row
}

export function createClientRepository(database: Kysely<unknown>): ClientRepository {
  const db = database as Kysely<Schema>
  const table = 'authority_clients'
  return {
    async insert(client) {
      const done = await db
        .insertInto(table)
        .values({
          id: client.id,
          metadata: client.metadata,
          secret_digest: client.secretDigest ?? null,
          disabled: client.disabled ?? null,
          created: client.created,
          updated: client.updated,
        })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirst()
      return Number(done.numInsertedOrUpdatedRows ?? 0n) === 1
    },
    async find(id) {
      const row = await db.selectFrom(table).selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? undefined : clientOf(row)
    },
    async list(limit, after) {
      let query = db.selectFrom(table).selectAll().orderBy('id').limit(limit)
      if (after !== undefined) query = query.where('id', '>', after)
      return (await query.execute()).map(clientOf)
    },
    async update(id, change, now) {
      const done = await db
        .updateTable(table)
        .set({
          updated: now,
          ...(change.metadata !== undefined && { metadata: change.metadata }),
          ...('secretDigest' in change && { secret_digest: change.secretDigest ?? null }),
          ...('disabled' in change && { disabled: change.disabled ?? null }),
        })
        .where('id', '=', id)
        .executeTakeFirst()
      return Number(done.numUpdatedRows) === 1
    },
    async remove(id) {
      const done = await db.deleteFrom(table).where('id', '=', id).executeTakeFirst()
      return Number(done.numDeletedRows) === 1
    },
  }
}

function clientOf(row: Row): StoredClient {
  return {
    id: row.id,
    metadata: row.metadata,
    secretDigest: row.secret_digest ?? undefined,
    disabled: row.disabled === null ? undefined : Number(row.disabled),
    created: Number(row.created),
    updated: Number(row.updated),
  }
}
