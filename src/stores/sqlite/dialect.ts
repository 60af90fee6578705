import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { type Dialect, SqliteDialect, type SqliteStatement } from 'kysely'

/** Statements that are kept prepared; preparing costs as much as running. */
const most = 256

/** Kysely over `node:sqlite`: its SQLite dialect speaks better-sqlite3, which differs in three calls. */
export function createSqliteDialect(database: DatabaseSync): Dialect {
  const prepared = new Map<string, SqliteStatement>()
  return new SqliteDialect({
    database: {
      close: () => database.close(),
      prepare(sql) {
        const known = prepared.get(sql)
        if (known !== undefined) return known
        const made = adapt(database, database.prepare(sql), sql)
        // What changes tables is not seen twice, and lists of values make many texts: the oldest goes.
        const oldest = prepared.size >= most ? prepared.keys().next().value : undefined
        if (oldest !== undefined) prepared.delete(oldest)
        prepared.set(sql, made)
        return made
      },
    },
  })
}

function adapt(database: DatabaseSync, statement: StatementSync, sql: string): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
    run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
    // A walk through rows keeps its place in a statement of its own.
    iterate: (parameters) => database.prepare(sql).iterate(...(parameters as SQLInputValue[])),
  }
}
