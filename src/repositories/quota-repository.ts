import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { QuotaSpec, QuotaStore } from '../kernel/limit-store.ts'
import { periodAt } from '../kernel/period.ts'
import type { RateDecision } from '../kernel/ports.ts'

interface Schema {
  limit_quotas: { key: string; until: number; spent: number }
}

/** Quotas in a database: exact over all processes that share it, one statement a call. */
export interface QuotaRepository extends QuotaStore {
  take(key: string, spec: QuotaSpec, cost: number, at: number): Promise<RateDecision>
  charge(key: string, spec: QuotaSpec, cost: number, at: number): Promise<void>
  /** Forgets periods that have ended; how many. */
  purge(at: number): Promise<number>
}

/** Keys are kept as digests: they may hold names and addresses. */
export function createQuotaRepository(state: Kysely<unknown>): QuotaRepository {
  const db = state as Kysely<Schema>
  const digest = (key: string): string => createHash('sha256').update(key).digest('base64url')

  const spentOf = async (key: string, until: number): Promise<number> => {
    const row = await db
      .selectFrom('limit_quotas')
      .select('spent')
      .where('key', '=', key)
      .where('until', '=', until)
      .executeTakeFirst()
    return Number(row?.spent ?? 0)
  }

  /** Adds where it stays within `most`; what is spent then, undefined where it would not stay. */
  const add = async (key: string, until: number, cost: number, most: number): Promise<number | undefined> => {
    if (cost > most) return undefined
    const row = await db
      .insertInto('limit_quotas')
      .values({ key, until, spent: cost })
      .onConflict((conflict) =>
        conflict
          .columns(['key', 'until'])
          .doUpdateSet((eb) => ({ spent: eb('limit_quotas.spent', '+', cost) }))
          .where('limit_quotas.spent', '<=', most - cost),
      )
      .returning('spent')
      .executeTakeFirst()
    return row === undefined ? undefined : Number(row.spent)
  }

  const giveBack = async (key: string, until: number, cost: number): Promise<void> => {
    await db
      .updateTable('limit_quotas')
      .set((eb) => ({
        spent: eb
          .case()
          .when('spent', '>', cost)
          .then(eb('spent', '-', cost))
          .else(0)
          .end(),
      }))
      .where('key', '=', key)
      .where('until', '=', until)
      .execute()
  }

  return {
    async take(key, spec, cost, at) {
      const { quota } = spec
      const { end } = periodAt(spec.period, at)
      const resetMs = end - at
      const id = digest(key)
      if (cost < 0) await giveBack(id, end, -cost)
      const added = cost > 0 ? await add(id, end, cost, quota) : undefined
      const spent = added ?? (await spentOf(id, end))
      const remaining = Math.max(0, quota - spent)
      if (cost <= 0 || added !== undefined) return { allowed: true, remaining, resetMs, retryMs: 0 }
      const retryMs = cost > quota ? Number.POSITIVE_INFINITY : resetMs
      return { allowed: false, remaining, resetMs, retryMs }
    },
    async charge(key, spec, cost, at) {
      if (cost <= 0) return
      const { end } = periodAt(spec.period, at)
      const most = 2 * spec.quota
      const id = digest(key)
      const bounded = Math.min(cost, most)
      await db
        .insertInto('limit_quotas')
        .values({ key: id, until: end, spent: bounded })
        .onConflict((conflict) =>
          conflict.columns(['key', 'until']).doUpdateSet((eb) => ({
            spent: eb
              .case()
              .when('limit_quotas.spent', '<=', most - bounded)
              .then(eb('limit_quotas.spent', '+', bounded))
              .when('limit_quotas.spent', '>', most)
              .then(eb.ref('limit_quotas.spent'))
              .else(most)
              .end(),
          })),
        )
        .execute()
    },
    async purge(at) {
      const { numDeletedRows } = await db
        .deleteFrom('limit_quotas')
        .where('until', '<=', at)
        .executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    },
  }
}
