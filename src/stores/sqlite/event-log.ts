import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import type { EventFilter } from '../../kernel/ports.ts'
import { createSqliteDialect } from './dialect.ts'
import { migrate } from './migrations.ts'
import { columns, kinds, type Schema } from './schema.ts'
import { searchEvents, walkEvents } from './search.ts'

export interface EventLogOptions {
  /** A file, or `:memory:`. */
  readonly path: string
  /** Events in a chunk: see `LookupTable`. Fixed for the life of a database. */
  readonly chunk: number
  readonly retention: Retention
}

/** What is kept; events go a chunk at a time, oldest first. Nothing goes where all are undefined. */
export interface Retention {
  readonly ageMs?: number | undefined
  readonly rows?: number | undefined
  /** Of the file that are in use: what is freed is used again, the file does not shrink. */
  readonly bytes?: number | undefined
}

/** Chunks that go at once: whoever wants to write waits no longer than for these. */
const chunksAtOnce = 4

/** Rows in one statement: as fast as larger ones, and below SQLite's limit of parameters. */
const rowsAtOnce = 50

/**
 * The database itself, synchronous: it lives in a worker. WAL with `synchronous=NORMAL`: a crash of the process
 * loses no committed event, a power cut may lose those since the last checkpoint, and neither corrupts it.
 */
export class EventLog {
  readonly #database: DatabaseSync
  readonly #db: Kysely<Schema>
  readonly #options: EventLogOptions
  readonly #many: StatementSync
  readonly #one: StatementSync
  readonly #sealing: readonly StatementSync[]
  readonly #last: StatementSync
  readonly #sealed: StatementSync
  /** First chunk that is not indexed, as far as this process knows. */
  #open: number

  private constructor(database: DatabaseSync, db: Kysely<Schema>, options: EventLogOptions) {
    this.#database = database
    this.#db = db
    this.#options = options
    this.#many = database.prepare(insert(rowsAtOnce))
    this.#one = database.prepare(insert(1))
    this.#last = database.prepare('select coalesce(max(seq), 0) as last from events')
    this.#sealed = database.prepare('select coalesce(max(chunk), -1) as last from chunks')
    this.#sealing = [
      ...kinds.map(({ kind, value, where }) =>
        database.prepare(
          `insert into lookup select :chunk, ${kind}, ${value} as value, seq from events
           where seq between :first and :last and ${where} order by value, seq`,
        ),
      ),
      database.prepare(
        `insert or ignore into apis select distinct api from events
         where seq between :first and :last and :chunk is not null`,
      ),
      database.prepare(
        `insert into chunks select :chunk, coalesce(min(time), 0), coalesce(max(time), 0) from events
         where seq between :first and :last`,
      ),
    ]
    this.#open = this.#firstOpen()
  }

  /** Opens or makes the database (mode 0600, folders 0700) and brings it to this version. */
  static async open(options: EventLogOptions): Promise<EventLog> {
    if (options.path !== ':memory:') {
      mkdirSync(dirname(options.path), { recursive: true, mode: 0o700 })
      closeSync(openSync(options.path, 'a', 0o600))
    }
    const database = new DatabaseSync(options.path, { timeout: 5_000 })
    try {
      database.exec('pragma journal_mode = wal')
      database.exec('pragma synchronous = normal')
      database.exec('pragma cache_size = -16384')
      database.exec('pragma temp_store = memory')
      const db = new Kysely<Schema>({ dialect: createSqliteDialect(database) })
      await migrate(db)
      return new EventLog(database, db, options)
    } catch (error) {
      database.close()
      throw error
    }
  }

  /** `rows` is flat: the values of `columns`, row after row. All of it or nothing is stored. */
  append(rows: readonly SQLInputValue[]): void {
    const width = columns.length
    this.#database.exec('begin immediate')
    try {
      let at = 0
      for (; at + rowsAtOnce * width <= rows.length; at += rowsAtOnce * width)
        this.#many.run(...rows.slice(at, at + rowsAtOnce * width))
      for (; at < rows.length; at += width) this.#one.run(...rows.slice(at, at + width))
      const last = numberOf(this.#last.get(), 'last')
      if (Math.floor((last + 1) / this.#options.chunk) > this.#open) this.#seal(last)
      this.#database.exec('commit')
    } catch (error) {
      this.#rollback()
      throw error
    }
  }

  /** Events as JSON, newest first, with their `seq`; see `searchEvents` for where it gave up. */
  search(
    filter: EventFilter,
    limit: number,
    before: number | undefined,
    withinMs?: number,
  ): Promise<[number, string][]> {
    return searchEvents(this.#db, this.#options.chunk, filter, limit, before, withinMs)
  }

  /** Events as JSON, oldest first, with their `seq`. */
  walk(filter: EventFilter, limit: number, after: number): Promise<[number, string][]> {
    return walkEvents(this.#db, filter, limit, after)
  }

  /** Puts lines without their personal members in the place of whole ones, and takes them out of the index. */
  erase(rows: readonly (readonly [number, string])[]): void {
    const event = this.#database.prepare("update events set event = ?, sub = '', address = '' where seq = ?")
    const lookup = this.#database.prepare('delete from lookup where chunk = ? and kind in (2, 3) and seq = ?')
    // What is overwritten is gone from the file.
    this.#database.exec('pragma secure_delete = on')
    this.#database.exec('begin immediate')
    try {
      for (const [seq, line] of rows) {
        event.run(line, seq)
        lookup.run(Math.floor(seq / this.#options.chunk), seq)
      }
      this.#database.exec('commit')
      // What was overwritten must not linger in the write-ahead log.
      this.#database.exec('pragma wal_checkpoint(truncate)')
    } catch (error) {
      this.#rollback()
      throw error
    } finally {
      this.#database.exec('pragma secure_delete = off')
    }
  }

  /**
   * Removes the oldest of what is past retention, a chunk in one transaction, some chunks at most. Only what is oldest goes,
   * so that what stays of a run has no gap. `more`: there is more to remove.
   */
  expire(now: number): { readonly events: number; readonly more: boolean } {
    const { ageMs, rows } = this.#options.retention
    const oldest = ageMs === undefined ? 0 : now - ageMs
    const firstKept = rows === undefined ? 0 : numberOf(this.#last.get(), 'last') - rows + 1
    const chunks = this.#database
      .prepare(
        `select chunk, latest from chunks where exists (select 1 from events where seq >= chunk * :size limit 1)
         order by chunk limit :most`,
      )
      .all({ size: this.#options.chunk, most: chunksAtOnce })
    let events = 0
    let removed = 0
    for (const row of chunks) {
      const chunk = numberOf(row, 'chunk')
      const past = numberOf(row, 'latest') < oldest || (chunk + 1) * this.#options.chunk <= firstKept
      if (!past && !this.#isTooLarge()) break
      events += this.#remove(chunk)
      removed++
    }
    return { events, more: removed === chunksAtOnce }
  }

  close(): void {
    this.#database.close()
  }

  #isTooLarge(): boolean {
    const { bytes } = this.#options.retention
    if (bytes === undefined) return false
    const pragma = (name: string): number => numberOf(this.#database.prepare(`pragma ${name}`).get(), name)
    return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size') > bytes
  }

  /** Returns how many events that were. */
  #remove(chunk: number): number {
    const first = chunk * this.#options.chunk
    this.#database.exec('begin immediate')
    try {
      const { changes } = this.#database
        .prepare('delete from events where seq between ? and ?')
        .run(first, first + this.#options.chunk - 1)
      this.#database.prepare('delete from lookup where chunk = ?').run(chunk)
      // The newest row stays: it says up to where chunks are indexed.
      this.#database
        .prepare('delete from chunks where chunk = ? and chunk < (select max(chunk) from chunks)')
        .run(chunk)
      this.#database.exec('commit')
      return Number(changes)
    } catch (error) {
      this.#rollback()
      throw error
    }
  }

  /** Indexes every full chunk; another process may have done some of it. */
  #seal(last: number): void {
    const size = this.#options.chunk
    let chunk = this.#firstOpen()
    for (; (chunk + 1) * size <= last + 1; chunk++) {
      const range = { first: chunk * size, last: (chunk + 1) * size - 1 }
      for (const statement of this.#sealing) statement.run({ chunk, ...range })
    }
    this.#open = chunk
  }

  #firstOpen(): number {
    return numberOf(this.#sealed.get(), 'last') + 1
  }

  #rollback(): void {
    // SQLite itself rolls back on a full disk, and then there is no transaction left.
    if (this.#database.isTransaction) this.#database.exec('rollback')
  }
}

function insert(rows: number): string {
  const row = `(${columns.map(() => '?').join(',')})`
  return `insert into events (${columns.join(',')}) values ${new Array<string>(rows).fill(row).join(',')}`
}

function numberOf(row: unknown, column: string): number {
  return Number((row as Record<string, unknown> | undefined)?.[column] ?? 0)
}
