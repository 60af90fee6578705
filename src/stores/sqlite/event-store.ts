import type { SQLInputValue } from 'node:sqlite'
import { type AuditEvent, nobody } from '../../kernel/event.ts'
import { Unusable } from '../../kernel/finding.ts'
import type { EventPage, EventStore } from '../../kernel/ports.ts'
import type { Retention } from './event-log.ts'
import { createLink } from './link.ts'
import type { Found } from './messages.ts'

export interface SqliteEventStoreOptions {
  readonly retention?: Retention
  /** How often retention is applied. */
  readonly expireEveryMs?: number
  /** Told how many events retention has removed. */
  readonly onExpired?: (events: number) => void
  /** Events in a chunk of the index (see schema.ts); fixed for the life of a database file. */
  readonly chunk?: number
}

export interface SqliteEventStore extends EventStore {
  /** Stores while the process exits: blocks until the worker is done, at most 2 s. Throws when it was not. */
  appendSync(events: readonly AuditEvent[], lines?: readonly string[]): void
}

/**
 * Audit events in an SQLite file (or `:memory:`). The database runs in a worker thread: a write, a checkpoint's
 * fsync or a long query never holds up a call (docs/decisions/0006). Throws `Unusable` when the file cannot be
 * opened, is no database, or was written by a newer version.
 */
export async function createSqliteEventStore(
  path: string,
  options: SqliteEventStoreOptions = {},
): Promise<SqliteEventStore> {
  const link = createLink({
    path,
    chunk: options.chunk ?? 4_096,
    retention: options.retention ?? {},
  })
  try {
    await link.opened()
  } catch (error) {
    throw unusable(path, error)
  }
  const { ageMs, rows, bytes } = options.retention ?? {}
  const keepsAll = ageMs === undefined && rows === undefined && bytes === undefined
  let expiring = false
  let closed = false
  const timer = keepsAll
    ? undefined
    : setInterval(() => void expire().catch(() => undefined), options.expireEveryMs ?? 60_000).unref()

  /** Some at a time: between two questions others write. */
  async function expire(): Promise<void> {
    if (expiring) return
    expiring = true
    try {
      for (let more = true; more && !closed; ) {
        const [[events, left] = [0, '']] = await link.ask({ do: 'expire', now: Date.now() })
        if (events > 0) options.onExpired?.(events)
        more = left === 'more'
      }
    } finally {
      expiring = false
    }
  }

  return {
    async append(events, lines) {
      if (events.length > 0) await link.ask({ do: 'append', rows: rowsOf(events, lines) })
    },
    appendSync(events, lines) {
      const signal = new Int32Array(new SharedArrayBuffer(4))
      link.tell({ do: 'append', rows: rowsOf(events, lines), signal })
      Atomics.wait(signal, 0, 0, 2_000)
      if (Atomics.load(signal, 0) !== 1) throw new Error('the events were not stored')
    },
    async query(filter, limit, before, withinMs) {
      const cursor = before === undefined ? undefined : cursorOf(before)
      if (before !== undefined && cursor === undefined) return { events: [], next: undefined }
      // One more than asked for tells whether there is a next page.
      const found = await link.ask({ do: 'search', filter, limit: limit + 1, before: cursor, withinMs })
      return pageOf(found, limit)
    },
    async *lines(filter) {
      for (let after = 0; ; ) {
        const page = await link.ask({ do: 'walk', filter, limit: 1_000, after })
        for (const [, line] of page) yield line
        const last = page.at(-1)
        if (last === undefined) return
        after = last[0]
      }
    },
    async erase({ issuer, sub }, erase) {
      let count = 0
      for (let after = 0; ; ) {
        const page = await link.ask({ do: 'walk', filter: { issuer, sub }, limit: 1_000, after })
        const last = page.at(-1)
        if (last === undefined) return count
        after = last[0]
        const erased = page.flatMap(([seq, line]): [number, string][] => {
          const rest = erase(line)
          return rest === undefined ? [] : [[seq, rest]]
        })
        await link.ask({ do: 'erase', rows: erased })
        count += erased.length
      }
    },
    async close() {
      closed = true
      clearInterval(timer)
      await link.close()
    },
  }
}

/** The values of `columns`, row after row: one flat list is cheaper to hand to a worker than objects. */
function rowsOf(events: readonly AuditEvent[], lines: readonly string[] | undefined): SQLInputValue[] {
  const rows: SQLInputValue[] = []
  for (const [i, e] of events.entries()) {
    const line = lines?.[i] ?? JSON.stringify(e)
    rows.push(e.time, e.id, e.api, e.operation, e.issuer, e.sub, e.address, e.status, e.code ?? null, line)
  }
  return rows
}

function pageOf(found: Found, limit: number): EventPage {
  const end = found.at(-1)
  const gaveUpAt = end?.[1] === '' ? String(end[0]) : undefined
  const rows = gaveUpAt === undefined ? found : found.slice(0, -1)
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    events: page.map(([, event]) => ({ ...nobody, ...(JSON.parse(event) as AuditEvent) })),
    next: rows.length > limit && last !== undefined ? String(last[0]) : gaveUpAt,
  }
}

/** Cursors come back from outside: anything but a number selects nothing. */
function cursorOf(before: string): number | undefined {
  return /^\d{1,15}$/.test(before) ? Number(before) : undefined
}

function unusable(path: string, error: unknown): Unusable {
  const why = error instanceof Error ? error.message : 'unknown'
  return new Unusable([
    {
      rule: 'store.unusable',
      severity: 'error',
      message: `cannot use ${path} as the event store: ${why}`,
      fix: 'Set store.durable to a file that this process may write and that is an SQLite database or does not exist yet.',
    },
  ])
}
