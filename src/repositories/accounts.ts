import type { Kysely } from 'kysely'
import type { AccountRow, AccountTables } from './account-tables.ts'

/** An account as it is stored. */
export interface AccountRecord {
  readonly sub: string
  /** As it is written to. */
  readonly email: string
  /** Folded form by which it is found; unique. */
  readonly emailKey: string
  readonly emailVerified: boolean
  readonly name: string | undefined
  readonly roles: readonly string[]
  readonly disabled: boolean
  /** Milliseconds since the epoch. */
  readonly created: number
  /** PHC string of the hash; undefined before the first password. */
  readonly password: string | undefined
  /** Long enough to stand without a second factor. */
  readonly passwordAlone: boolean
}

export type AccountChange = Partial<Omit<AccountRecord, 'sub' | 'created'>>

export interface AccountRepository {
  /** False where the address is taken. */
  insert(record: AccountRecord): Promise<boolean>
  bySub(sub: string): Promise<AccountRecord | undefined>
  byEmail(emailKey: string): Promise<AccountRecord | undefined>
  /** False where there is no such account. */
  update(sub: string, change: AccountChange): Promise<boolean>
  /** Ordered by `emailKey`, those after `after`. */
  list(limit: number, after?: string): Promise<readonly AccountRecord[]>
  /** Takes the account and everything that belongs to it, all or nothing. */
  remove(sub: string): Promise<boolean>
}

export function createAccountRepository(untyped: Kysely<unknown>): AccountRepository {
  const db = untyped.withTables<AccountTables>()
  return {
    async insert(record) {
      const row = { ...rowOf(record), sub: record.sub, created: record.created } as AccountRow
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('accounts')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow()
      return numInsertedOrUpdatedRows === 1n
    },
    async bySub(sub) {
      const row = await db.selectFrom('accounts').selectAll().where('sub', '=', sub).executeTakeFirst()
      return row && recordOf(row)
    },
    async byEmail(emailKey) {
      const row = await db
        .selectFrom('accounts')
        .selectAll()
        .where('email_key', '=', emailKey)
        .executeTakeFirst()
      return row && recordOf(row)
    },
    async update(sub, change) {
      const { numUpdatedRows } = await db
        .updateTable('accounts')
        .set(rowOf(change))
        .where('sub', '=', sub)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },
    async list(limit, after) {
      let query = db.selectFrom('accounts').selectAll().orderBy('email_key').limit(limit)
      if (after !== undefined) query = query.where('email_key', '>', after)
      return (await query.execute()).map(recordOf)
    },
    remove: (sub) =>
      db.transaction().execute(async (within) => {
        for (const table of belongings) await within.deleteFrom(table).where('sub', '=', sub).execute()
        const { numDeletedRows } = await within
          .deleteFrom('accounts')
          .where('sub', '=', sub)
          .executeTakeFirstOrThrow()
        return numDeletedRows === 1n
      }),
  }
}

const belongings = [
  'account_tokens',
  'account_totp',
  'account_recovery_codes',
  'account_passkeys',
  'account_sessions',
  'account_devices',
] as const

function rowOf(change: AccountChange): Partial<AccountRow> {
  const row: Partial<AccountRow> = {}
  if (change.email !== undefined) row.email = change.email
  if (change.emailKey !== undefined) row.email_key = change.emailKey
  if (change.emailVerified !== undefined) row.email_verified = Number(change.emailVerified)
  if ('name' in change) row.name = change.name ?? null
  if (change.roles !== undefined) row.roles = JSON.stringify(change.roles)
  if (change.disabled !== undefined) row.disabled = Number(change.disabled)
  if ('password' in change) row.password = change.password ?? null
  if (change.passwordAlone !== undefined) row.password_alone = Number(change.passwordAlone)
  return row
}

function recordOf(row: AccountRow): AccountRecord {
  return {
    sub: row.sub,
    email: row.email,
    emailKey: row.email_key,
    emailVerified: row.email_verified !== 0,
    name: row.name ?? undefined,
    roles: JSON.parse(row.roles) as string[],
    disabled: row.disabled !== 0,
    created: Number(row.created),
    password: row.password ?? undefined,
    passwordAlone: row.password_alone !== 0,
  }
}
