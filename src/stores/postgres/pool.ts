import type { PostgresPool, PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { type StoreWatch, unwatched } from '../../kernel/store-watch.ts'
import type { PostgresOptions } from './options.ts'
import { readText, writeValue } from './text.ts'

/** OIDs. Numbers of ours are below 2^53, so a `bigint` is a number here too. */
const bigint = 20
const texts: ReadonlySet<number> = new Set([25, 1043])

/** A bounded pool. It heals by itself: a connection that breaks is left, the next one is made when it is needed. */
export function createPool(
  options: PostgresOptions,
  over: { readonly max?: number; readonly statementMs?: number; readonly name?: string } = {},
): PostgresPool {
  const statementMs = over.statementMs ?? options.statementMs ?? 5_000
  const watch = options.watch ?? unwatched
  const pool = new pg.Pool({
    host: options.host,
    port: options.port,
    database: options.database,
    ...(options.user !== undefined && { user: options.user }),
    // Never undefined: the driver would then look into the environment and a file of the user.
    password: options.password ?? '',
    max: over.max ?? options.pool ?? 10,
    connectionTimeoutMillis: options.connectMs ?? 5_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: statementMs,
    // What the network lost is given up here.
    query_timeout: statementMs + 1_000,
    idle_in_transaction_session_timeout: statementMs + 5_000,
    application_name: over.name ?? 'sallyport',
    keepAlive: true,
    ...(options.schema !== undefined && { options: `-c search_path=${options.schema}` }),
    ssl: tlsOf(options),
    types: {
      getTypeParser(oid, format) {
        if (format === 'binary') return pg.types.getTypeParser(oid, format)
        if (oid === bigint) return Number
        return texts.has(oid) ? readText : pg.types.getTypeParser(oid, format)
      },
    },
  })
  // A connection that breaks while nobody asks it anything must not end the process: neither one that waits in the pool
  // nor one that was lent out.
  pool.on('error', (error) => watch.failed(reasonOf(error)))
  pool.on('connect', (client) => {
    client.on('error', (error) => watch.failed(reasonOf(error)))
  })
  return {
    async connect() {
      try {
        return watched(await pool.connect(), watch)
      } catch (error) {
        watch.failed(reasonOf(error))
        throw error
      }
    },
    end: () => pool.end(),
    options: pool.options,
  }
}

/** Errors of the server's own (a constraint, a syntax) are answers; what breaks or ends a connection is a loss. */
function watched(client: pg.PoolClient, watch: StoreWatch): PostgresPoolClient {
  return {
    query: ((text: string, values?: readonly unknown[]) => {
      const asked: unknown = client.query(text, values?.map(writeValue))
      if (asked instanceof Promise)
        asked.then(
          () => watch.works(),
          (error: unknown) => (isLoss(error) ? watch.failed(reasonOf(error)) : watch.works()),
        )
      return asked
    }) as PostgresPoolClient['query'],
    release: () => client.release(),
  }
}

/** SQLSTATE classes: 08 connection, 53 resources, 57 intervention (shutdown, statement timeout), 58 system, XX internal. */
export function isLoss(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return /^(08|53|57|58|XX)/.test(error.code ?? '08')
  return error instanceof Error && !(error instanceof TypeError || error instanceof RangeError)
}

/** Says what is wrong without what was asked. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { code } = error as { readonly code?: unknown }
  // Several addresses of one name were tried.
  const text =
    error.message === '' && error instanceof AggregateError ? String(error.errors[0]) : error.message
  return typeof code === 'string' && !text.includes(code) ? `${text} (${code})` : text
}

function tlsOf({ tls, host }: PostgresOptions): false | Record<string, unknown> {
  if (tls === undefined) return false
  return {
    rejectUnauthorized: tls.verify,
    // The name that the certificate must have; the driver gives it only where it is no address.
    host,
    minVersion: 'TLSv1.2',
    ...(tls.authorities !== undefined && { ca: tls.authorities }),
    ...(tls.certificate !== undefined && { cert: tls.certificate }),
    ...(tls.key !== undefined && { key: tls.key }),
  }
}
