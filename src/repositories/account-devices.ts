import type { Kysely } from 'kysely'
import type { AccountTables } from './account-tables.ts'

/** Browsers from which a person has signed in before. */
export interface DeviceRepository {
  /** Adds it or marks it as seen; only the `most` last seen of a person are kept. */
  seen(id: string, sub: string, at: number, most: number): Promise<void>
  isKnown(id: string, sub: string): Promise<boolean>
  count(sub: string): Promise<number>
  forget(sub: string): Promise<void>
}

export function createDeviceRepository(untyped: Kysely<unknown>): DeviceRepository {
  const db = untyped.withTables<AccountTables>()
  return {
    async seen(id, sub, at, most) {
      await db
        .insertInto('account_devices')
        .values({ id, sub, created: at, last_seen: at })
        .onConflict((conflict) =>
          conflict.column('id').doUpdateSet({ last_seen: at }).where('account_devices.sub', '=', sub),
        )
        .execute()
      await db
        .deleteFrom('account_devices')
        .where('sub', '=', sub)
        .where('id', 'not in', (of) =>
          of
            .selectFrom('account_devices')
            .select('id')
            .where('sub', '=', sub)
            .orderBy('last_seen', 'desc')
            .orderBy('created', 'desc')
            .limit(most),
        )
        .execute()
    },
    async isKnown(id, sub) {
      const row = await db
        .selectFrom('account_devices')
        .select('id')
        .where('id', '=', id)
        .where('sub', '=', sub)
        .executeTakeFirst()
      return row !== undefined
    },
    async count(sub) {
      const { count } = await db
        .selectFrom('account_devices')
        .select((of) => of.fn.countAll().as('count'))
        .where('sub', '=', sub)
        .executeTakeFirstOrThrow()
      return Number(count)
    },
    async forget(sub) {
      await db.deleteFrom('account_devices').where('sub', '=', sub).execute()
    },
  }
}
