import type { Kysely } from 'kysely'
import type { AccountTables, SessionRow } from './account-tables.ts'

export interface SessionRecord {
  readonly id: string
  readonly sub: string
  readonly amr: readonly string[]
  readonly created: number
  readonly lastSeen: number
  readonly address: string
  readonly userAgent: string
}

/** A session and whether its account may still use it. */
export interface FoundSession extends SessionRecord {
  readonly accountDisabled: boolean
}

export interface SessionRepository {
  /** Replaces a session of the same id. */
  put(record: SessionRecord): Promise<void>
  /** Undefined where the session or its account is gone. */
  find(id: string): Promise<FoundSession | undefined>
  seen(id: string, at: number): Promise<void>
  /** Newest first. */
  of(sub: string): Promise<readonly SessionRecord[]>
  /** Of everybody, ordered by id, those after `after`. */
  list(limit: number, after?: string): Promise<readonly SessionRecord[]>
  end(sub: string, id: string): Promise<boolean>
  /** Gives the ids that ended. */
  endAll(sub: string, keep?: string): Promise<readonly string[]>
  /** Deletes what was seen last or created before these times. */
  prune(seenBefore: number, createdBefore: number): Promise<void>
}

export function createSessionRepository(untyped: Kysely<unknown>): SessionRepository {
  const db = untyped.withTables<AccountTables>()
  return {
    async put(record) {
      const row: SessionRow = {
        id: record.id,
        sub: record.sub,
        amr: JSON.stringify(record.amr),
        created: record.created,
        last_seen: record.lastSeen,
        address: record.address,
        user_agent: record.userAgent,
      }
      await db
        .insertInto('account_sessions')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute()
    },
    async find(id) {
      const row = await db
        .selectFrom('account_sessions')
        .innerJoin('accounts', 'accounts.sub', 'account_sessions.sub')
        .selectAll('account_sessions')
        .select('accounts.disabled')
        .where('account_sessions.id', '=', id)
        .executeTakeFirst()
      return row && { ...recordOf(row), accountDisabled: row.disabled !== 0 }
    },
    async seen(id, at) {
      await db.updateTable('account_sessions').set({ last_seen: at }).where('id', '=', id).execute()
    },
    async of(sub) {
      const rows = await db
        .selectFrom('account_sessions')
        .selectAll()
        .where('sub', '=', sub)
        .orderBy('created', 'desc')
        .orderBy('id')
        .execute()
      return rows.map(recordOf)
    },
    async list(limit, after) {
      let query = db.selectFrom('account_sessions').selectAll().orderBy('id').limit(limit)
      if (after !== undefined) query = query.where('id', '>', after)
      return (await query.execute()).map(recordOf)
    },
    async end(sub, id) {
      const { numDeletedRows } = await db
        .deleteFrom('account_sessions')
        .where('sub', '=', sub)
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
      return numDeletedRows === 1n
    },
    async endAll(sub, keep) {
      let query = db.deleteFrom('account_sessions').where('sub', '=', sub).returning('id')
      if (keep !== undefined) query = query.where('id', '!=', keep)
      return (await query.execute()).map((row) => row.id)
    },
    async prune(seenBefore, createdBefore) {
      await db
        .deleteFrom('account_sessions')
        .where((of) => of.or([of('last_seen', '<', seenBefore), of('created', '<', createdBefore)]))
        .execute()
    },
  }
}

function recordOf(row: SessionRow): SessionRecord {
  return {
    id: row.id,
    sub: row.sub,
    amr: JSON.parse(row.amr) as string[],
    created: Number(row.created),
    lastSeen: Number(row.last_seen),
    address: row.address,
    userAgent: row.user_agent,
  }
}
