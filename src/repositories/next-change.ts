import type { Kysely, Transaction } from 'kysely'

interface ChangesTable {
  component: string
  latest: number
}

interface Schema {
  changes: ChangesTable
}

/**
 * The next change number of a component. The row is locked until the transaction ends, so that numbers become
 * visible in their order: who has seen 7 will never find a 6 that it has not seen. A sequence would not promise that.
 * Call it first in a transaction.
 */
export async function nextChange(within: Transaction<unknown>, component: string): Promise<number> {
  const db = within as unknown as Transaction<Schema>
  const row = await db
    .insertInto('changes')
    .values({ component, latest: 1 })
    .onConflict((conflict) =>
      conflict.column('component').doUpdateSet((eb) => ({ latest: eb('changes.latest', '+', 1) })),
    )
    .returning('latest')
    .executeTakeFirstOrThrow()
  return Number(row.latest)
}

/** The newest change number of a component, 0 before the first. */
export async function latestChange(within: Kysely<unknown>, component: string): Promise<number> {
  const db = within as unknown as Kysely<Schema>
  const row = await db
    .selectFrom('changes')
    .select('latest')
    .where('component', '=', component)
    .executeTakeFirst()
  return row === undefined ? 0 : Number(row.latest)
}

/** Notes how far a reader has come; never takes it back. */
export async function raiseChange(within: Kysely<unknown>, component: string, latest: number): Promise<void> {
  const db = within as unknown as Kysely<Schema>
  await db
    .insertInto('changes')
    .values({ component, latest })
    .onConflict((conflict) =>
      conflict.column('component').doUpdateSet({ latest }).where('changes.latest', '<', latest),
    )
    .execute()
}
