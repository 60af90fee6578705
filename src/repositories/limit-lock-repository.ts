import type { Kysely } from 'kysely'
import type { LimitLock, LimitLockStore } from '../kernel/limit-lock.ts'
import { nextChange } from './next-change.ts'

interface Schema {
  limit_locks: { key: string; api: string; limit: string; until: number; created: number; change: number }
}

const component = 'limit-locks'
const day = 86_400_000

/** Locks of limits in a database. */
export function createLimitLockRepository(state: Kysely<unknown>): LimitLockStore {
  const db = state as unknown as Kysely<Schema>
  return {
    add: (lock, now) =>
      state.transaction().execute(async (within) => {
        const change = await nextChange(within, component)
        const here = within as unknown as Kysely<Schema>
        const known = await here
          .selectFrom('limit_locks')
          .select('until')
          .where('key', '=', lock.key)
          .executeTakeFirst()
        const row = { ...lock, until: Math.max(lock.until, Number(known?.until ?? 0)), created: now, change }
        await here
          .insertInto('limit_locks')
          .values(row)
          .onConflict((conflict) =>
            conflict.column('key').doUpdateSet({ until: row.until, created: row.created, change }),
          )
          .execute()
        return row
      }),
    clear: (keys, now) =>
      state.transaction().execute(async (within) => {
        const here = within as unknown as Kysely<Schema>
        let query = here.selectFrom('limit_locks').select('key').where('until', '>', now)
        if (keys !== undefined) query = query.where('key', 'in', [...keys])
        const open = keys?.length === 0 ? [] : await query.execute()
        // One change each, so that a reader who pages sees them all.
        for (const { key } of open) {
          const change = await nextChange(within, component)
          await here.updateTable('limit_locks').set({ until: 0, change }).where('key', '=', key).execute()
        }
        return open.length
      }),
    async since(change, limit) {
      const rows = await db
        .selectFrom('limit_locks')
        .selectAll()
        .where('change', '>', change)
        .orderBy('change')
        .limit(limit)
        .execute()
      return rows.map(lockOf)
    },
    async purge(now) {
      const { numDeletedRows } = await db
        .deleteFrom('limit_locks')
        .where('until', '<=', now)
        .where('created', '<=', now - day)
        .executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    },
  }
}

// PostgreSQL gives a bigint as text.
function lockOf(row: Schema['limit_locks']): LimitLock {
  return { ...row, until: Number(row.until), created: Number(row.created), change: Number(row.change) }
}
