import type { Kysely } from 'kysely'
import type { AccountTables } from './account-tables.ts'
import { latestChange, nextChange, raiseChange } from './next-change.ts'

/** Something that every process must act on: why a person's sessions and tokens ended. */
export interface Signal {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly sub: string
  readonly kind: 'disabled' | 'removed' | 'signed-out' | 'session-ended'
  /** `signed-out`: the session that stays; `session-ended`: the one that ended. */
  readonly session: string | undefined
}

export interface NumberedSignal extends Signal {
  /** Grows by one with each signal. */
  readonly seq: number
}

/** Hands signals from one process (a command) to others (a gateway that runs). */
export interface SignalRepository {
  /** Gives its number. */
  put(signal: Signal): Promise<number>
  /** Those after number `seq`, in order, at most a thousand. */
  after(seq: number): Promise<readonly NumberedSignal[]>
  /** Number up to which they have been acted on, in whatever process; 0 before the first. */
  acted(): Promise<number>
  markActed(seq: number): Promise<void>
  /** Deletes what is older than a time. */
  prune(before: number): Promise<void>
}

const component = 'account-signals'
const actedComponent = 'account-signals-acted'

export function createSignalRepository(untyped: Kysely<unknown>): SignalRepository {
  const db = untyped.withTables<AccountTables>()
  return {
    put: ({ at, sub, kind, session }) =>
      untyped.transaction().execute(async (within) => {
        const seq = await nextChange(within, component)
        await within
          .withTables<AccountTables>()
          .insertInto('account_signals')
          .values({ seq, at, sub, kind, session: session ?? null })
          .execute()
        return seq
      }),
    async after(seq) {
      const rows = await db
        .selectFrom('account_signals')
        .selectAll()
        .where('seq', '>', seq)
        .orderBy('seq')
        .limit(1_000)
        .execute()
      return rows.map((row) => ({
        seq: Number(row.seq),
        at: Number(row.at),
        sub: row.sub,
        kind: row.kind as Signal['kind'],
        session: row.session ?? undefined,
      }))
    },
    acted: () => latestChange(untyped, actedComponent),
    markActed: (seq) => raiseChange(untyped, actedComponent, seq),
    async prune(before) {
      await db.deleteFrom('account_signals').where('at', '<', before).execute()
    },
  }
}
