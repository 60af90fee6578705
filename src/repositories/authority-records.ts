import type { Kysely, SelectQueryBuilder } from 'kysely'

/**
 * One record of the authorization server's protocol: a code, token, session, grant, interaction. `id`, `family` and
 * `userCode` are digests and `payload` is sealed by whoever writes it: the store never sees a secret.
 */
export interface AuthorityRecord {
  readonly model: string
  readonly id: string
  readonly payload: string
  /** Digest of the grant it belongs to: what is revoked together. */
  readonly family?: string | undefined
  readonly uid?: string | undefined
  readonly userCode?: string | undefined
  /** Subject it belongs to. */
  readonly account?: string | undefined
  readonly client?: string | undefined
  /** Seconds since the epoch. */
  readonly created: number
  /** Seconds since the epoch; the record is not found from then on. */
  readonly expires: number
  /** When it was used; undefined while it was not. */
  readonly consumed?: number | undefined
}

/** Which records: all given members must hold. */
export interface RecordFilter {
  readonly model?: string
  readonly family?: string
  readonly account?: string
  readonly client?: string
}

/** Durable records. Every method rejects where the store fails; none of them then counts as done. */
export interface AuthorityRecords {
  /** Writes or replaces. A record that was consumed stays consumed. */
  upsert(record: AuthorityRecord): Promise<void>
  /** Writes a record that must be new; false where one is there that has not ended at `now`. Atomic. */
  insertOnce(record: AuthorityRecord, now: number): Promise<boolean>
  find(
    by: 'id' | 'uid' | 'userCode',
    model: string,
    value: string,
    now: number,
  ): Promise<AuthorityRecord | undefined>
  /** Marks as used; false where it was used before or is gone. Of many at once exactly one gets true. */
  consume(model: string, id: string, now: number): Promise<boolean>
  list(filter: RecordFilter & { readonly now: number }): Promise<readonly AuthorityRecord[]>
  destroy(model: string, id: string): Promise<void>
  /** Removes all that match; an empty filter removes nothing. How many went. */
  destroyAll(filter: RecordFilter): Promise<number>
  /** Removes at most `limit` records that ended before `now`; how many went. */
  sweep(now: number, limit: number): Promise<number>
}

interface Row {
  model: string
  id: string
  payload: string
  family: string | null
  uid: string | null
  user_code: string | null
  account: string | null
  client: string | null
  created: number
  expires: number
  consumed: number | null
}

interface Schema {
  authority_records: Row
}

const columnOf = { id: 'id', uid: 'uid', userCode: 'user_code' } as const

export function createAuthorityRecords(database: Kysely<unknown>): AuthorityRecords {
  const db = database as Kysely<Schema>
  const table = 'authority_records'

  const select = (): SelectQueryBuilder<Schema, 'authority_records', Row> => db.selectFrom(table).selectAll()

  return {
    async upsert(record) {
      const { consumed: _, ...replaced } = rowOf(record)
      await db
        .insertInto(table)
        .values(rowOf(record))
        .onConflict((conflict) => conflict.columns(['model', 'id']).doUpdateSet(replaced))
        .execute()
    },
    async insertOnce(record, now) {
      const row = rowOf(record)
      const done = await db
        .insertInto(table)
        .values(row)
        .onConflict((conflict) =>
          conflict.columns(['model', 'id']).doUpdateSet(row).where('authority_records.expires', '<=', now),
        )
        .executeTakeFirst()
      return Number(done.numInsertedOrUpdatedRows ?? 0n) === 1
    },
    async find(by, model, value, now) {
      const row = await select()
        .where('model', '=', model)
        .where(columnOf[by], '=', value)
        .where('expires', '>', now)
        .orderBy('created', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row === undefined ? undefined : recordOf(row)
    },
    async consume(model, id, now) {
      const done = await db
        .updateTable(table)
        .set({ consumed: now })
        .where('model', '=', model)
        .where('id', '=', id)
        .where('consumed', 'is', null)
        .executeTakeFirst()
      return Number(done.numUpdatedRows) === 1
    },
    async list({ now, ...filter }) {
      let query = select().where('expires', '>', now)
      for (const [column, value] of Object.entries(filter) as [keyof RecordFilter, string][])
        if (value !== undefined) query = query.where(column, '=', value)
      return (await query.orderBy('created', 'desc').limit(1_000).execute()).map(recordOf)
    },
    async destroy(model, id) {
      await db.deleteFrom(table).where('model', '=', model).where('id', '=', id).execute()
    },
    async destroyAll(filter) {
      const given = (Object.entries(filter) as [keyof RecordFilter, string | undefined][]).filter(
        ([, value]) => value !== undefined,
      )
      if (given.length === 0) return 0
      let query = db.deleteFrom(table)
      for (const [column, value] of given) query = query.where(column, '=', value as string)
      return Number((await query.executeTakeFirst()).numDeletedRows)
    },
    async sweep(now, limit) {
      const done = await db
        .deleteFrom(table)
        .where(({ eb, refTuple, selectFrom }) =>
          eb(
            refTuple('model', 'id'),
            'in',
            selectFrom(table)
              .select(['model', 'id'])
              .where('expires', '<=', now)
              .limit(limit)
              .$asTuple('model', 'id'),
          ),
        )
        .executeTakeFirst()
      return Number(done.numDeletedRows)
    },
  }
}

function rowOf(record: AuthorityRecord): Row {
  return {
    model: record.model,
    id: record.id,
    payload: record.payload,
    family: record.family ?? null,
    uid: record.uid ?? null,
    user_code: record.userCode ?? null,
    account: record.account ?? null,
    client: record.client ?? null,
    created: record.created,
    expires: record.expires,
    consumed: record.consumed ?? null,
  }
}

function recordOf(row: Row): AuthorityRecord {
  return {
    model: row.model,
    id: row.id,
    payload: row.payload,
    family: row.family ?? undefined,
    uid: row.uid ?? undefined,
    userCode: row.user_code ?? undefined,
    account: row.account ?? undefined,
    client: row.client ?? undefined,
    created: Number(row.created),
    expires: Number(row.expires),
    consumed: row.consumed === null ? undefined : Number(row.consumed),
  }
}
