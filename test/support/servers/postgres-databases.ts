import { postgresOptionsOf } from '../../../src/app/state/store-options.ts'
import { parsePostgresAddress } from '../../../src/config/values/postgres-address.ts'
import type { PostgresOptions } from '../../../src/stores/postgres/options.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'

/** One server with as many empty places as a test file wants, each a schema. */
export interface PostgresDatabases {
  readonly server: PostgresServer
  /** A new place, where nothing was ever made. */
  fresh(): PostgresOptions
  close(): Promise<void>
}

export function optionsOf(url: string): PostgresOptions {
  return postgresOptionsOf(parsePostgresAddress(url))
}

export async function startDatabases(): Promise<PostgresDatabases> {
  const server = await startPostgres()
  let count = 0
  return {
    server,
    fresh: () => optionsOf(`${server.url()}?schema=place_${count++}`),
    close: () => server.close(),
  }
}
