import type { Kysely, Selectable } from 'kysely'
import type { Revocation, RevocationKind, RevocationStore } from '../kernel/revocation.ts'
import { nextChange } from './next-change.ts'

interface RevocationsTable {
  kind: string
  issuer: string
  value: string
  before: number
  until: number
  created: number
  change: number
}

interface Schema {
  revocations: RevocationsTable
}

const component = 'revocations'

/** The deny-list in a database. */
export function createRevocationRepository(state: Kysely<unknown>): RevocationStore {
  const db = state as unknown as Kysely<Schema>
  return {
    add: ({ kind, issuer = '', value, before, until }, now) =>
      state.transaction().execute(async (within) => {
        const change = await nextChange(within, component)
        const here = within as unknown as Kysely<Schema>
        const known = await here
          .selectFrom('revocations')
          .selectAll()
          .where('kind', '=', kind)
          .where('issuer', '=', issuer)
          .where('value', '=', value)
          .executeTakeFirst()
        const row = {
          kind,
          issuer,
          value,
          before: Math.max(before, Number(known?.before ?? 0)),
          until: Math.max(until, Number(known?.until ?? 0)),
          created: Number(known?.created ?? now),
          change,
        }
        await here
          .insertInto('revocations')
          .values(row)
          .onConflict((conflict) =>
            conflict
              .columns(['kind', 'issuer', 'value'])
              .doUpdateSet({ before: row.before, until: row.until, change }),
          )
          .execute()
        return revocationOf(row)
      }),
    async since(change, limit) {
      const rows = await db
        .selectFrom('revocations')
        .selectAll()
        .where('change', '>', change)
        .orderBy('change')
        .limit(limit)
        .execute()
      return rows.map(revocationOf)
    },
    async purge(now) {
      const { numDeletedRows } = await db
        .deleteFrom('revocations')
        .where('until', '<=', now)
        .executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    },
  }
}

// PostgreSQL gives a bigint as text.
function revocationOf(row: Selectable<RevocationsTable>): Revocation {
  return {
    kind: row.kind as RevocationKind,
    issuer: row.issuer === '' ? undefined : row.issuer,
    value: row.value,
    before: Number(row.before),
    until: Number(row.until),
    created: Number(row.created),
    change: Number(row.change),
  }
}
