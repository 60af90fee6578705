import type { Kysely, Transaction } from 'kysely'
import type { FindingStore, KeptFinding, KeptResponse } from '../kernel/finding-store.ts'
import { nextChange } from './next-change.ts'

interface Row {
  readonly id: string
  readonly time: number
  readonly kind: string
  readonly subject_kind: string
  readonly subject_key: string
  readonly score: number
  readonly summary: string
  readonly evidence: string
  readonly events: string
  readonly responses: string
  readonly change: number
}

interface Schema {
  readonly findings: Row
}

const component = 'findings'
/** Responses that stay with a finding; the oldest go. */
const mostResponses = 50

/** Findings in a database. */
export function createFindingRepository(state: Kysely<unknown>): FindingStore {
  const db = state as unknown as Kysely<Schema>
  const inside = (within: Transaction<unknown>): Kysely<Schema> => within as unknown as Kysely<Schema>

  return {
    async put(findings) {
      await state.transaction().execute(async (within) => {
        for (const finding of findings)
          await inside(within)
            .insertInto('findings')
            .values(rowOf(finding, await nextChange(within, component)))
            .onConflict((conflict) => conflict.column('id').doNothing())
            .execute()
      })
    },
    respond: (id, response) =>
      state.transaction().execute(async (within) => {
        // Whoever else responds to it waits here until this one is written.
        const change = await nextChange(within, component)
        const row = await inside(within)
          .selectFrom('findings')
          .select('responses')
          .where('id', '=', id)
          .executeTakeFirst()
        if (row === undefined) return false
        const responses = [...(JSON.parse(row.responses) as KeptResponse[]), response].slice(-mostResponses)
        await inside(within)
          .updateTable('findings')
          .set({ responses: JSON.stringify(responses), change })
          .where('id', '=', id)
          .execute()
        return true
      }),
    async since(change, limit) {
      const all = db.selectFrom('findings').selectAll().limit(limit)
      const rows =
        change === undefined
          ? (await all.orderBy('change', 'desc').execute()).toReversed()
          : await all.where('change', '>', change).orderBy('change').execute()
      return rows.map((row) => ({ finding: findingOf(row), change: Number(row.change) }))
    },
    async purge(time, most) {
      const last = await db
        .selectFrom('findings')
        .select('change')
        .orderBy('change', 'desc')
        .offset(most)
        .limit(1)
        .executeTakeFirst()
      const { numDeletedRows } = await db
        .deleteFrom('findings')
        .where((eb) => eb.or([eb('time', '<', time), eb('change', '<=', last?.change ?? 0)]))
        .executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    },
    async forget(issuer, sub) {
      const rows = await db
        .selectFrom('findings')
        .select(['id', 'subject_kind', 'subject_key', 'evidence'])
        .where((eb) =>
          eb.or([
            eb.and([eb('subject_kind', '=', 'principal'), eb('subject_key', '=', `${issuer}/${sub}`)]),
            eb('subject_kind', '=', 'credential'),
          ]),
        )
        .execute()
      const ids = rows
        .filter((row) => row.subject_kind === 'principal' || isOwnedBy(row.evidence, issuer, sub))
        .map(({ id }) => id)
      for (const id of ids) await db.deleteFrom('findings').where('id', '=', id).execute()
      return ids.length
    },
  }
}

/** A credential is a digest; whose it is stands in the evidence. */
function isOwnedBy(evidence: string, issuer: string, sub: string): boolean {
  const said = JSON.parse(evidence) as KeptFinding['evidence']
  return said['issuer'] === issuer && said['subject'] === sub
}

function rowOf(finding: KeptFinding, change: number): Row {
  const { id, time, kind, subject, score, summary } = finding
  return {
    id,
    time,
    kind,
    subject_kind: subject.kind,
    subject_key: subject.key,
    score,
    summary,
    evidence: JSON.stringify(finding.evidence),
    events: JSON.stringify(finding.events),
    responses: JSON.stringify(finding.responses),
    change,
  }
}

// PostgreSQL gives a bigint as text.
function findingOf(row: Row): KeptFinding {
  return {
    id: row.id,
    time: Number(row.time),
    kind: row.kind,
    subject: { kind: row.subject_kind, key: row.subject_key },
    score: row.score,
    summary: row.summary,
    evidence: JSON.parse(row.evidence) as KeptFinding['evidence'],
    events: JSON.parse(row.events) as string[],
    responses: JSON.parse(row.responses) as KeptResponse[],
  }
}
