import type { Kysely } from 'kysely'
import type { BlockStore, StoredBlock } from '../kernel/block-store.ts'
import { nextChange } from './next-change.ts'

interface Schema {
  admin_blocks: {
    kind: string
    key: string
    until: number
    finding: string
    by: string
    reason: string
    created: number
    change: number
  }
}

const component = 'admin-blocks'
const day = 86_400_000

/** Blocks in a database. */
export function createBlockRepository(state: Kysely<unknown>): BlockStore {
  const db = state as unknown as Kysely<Schema>
  return {
    put: (blocks) =>
      state.transaction().execute(async (within) => {
        for (const block of blocks) {
          const change = await nextChange(within, component)
          const { until, finding, by, reason, created } = block
          await (within as unknown as Kysely<Schema>)
            .insertInto('admin_blocks')
            .values({ ...block, change })
            .onConflict((conflict) =>
              conflict.columns(['kind', 'key']).doUpdateSet({ until, finding, by, reason, created, change }),
            )
            .execute()
        }
      }),
    async since(change, limit) {
      const rows = await db
        .selectFrom('admin_blocks')
        .selectAll()
        .where('change', '>', change)
        .orderBy('change')
        .limit(limit)
        .execute()
      return rows.map(blockOf)
    },
    async purge(now) {
      const { numDeletedRows } = await db
        .deleteFrom('admin_blocks')
        .where('until', '<=', now)
        .where('created', '<=', now - day)
        .executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    },
  }
}

// PostgreSQL gives a bigint as text.
function blockOf(row: Schema['admin_blocks']): StoredBlock {
  return { ...row, until: Number(row.until), created: Number(row.created), change: Number(row.change) }
}
