import type { StoreWatch } from '../../kernel/store-watch.ts'

/** How to reach PostgreSQL. */
export interface PostgresOptions {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string
  readonly port: number
  readonly database: string
  /** Schema of the tables, made where it is missing; letters, digits and `_`. Default: the first of the search path. */
  readonly schema?: string
  readonly user?: string
  readonly password?: string
  readonly tls?: PostgresTls
  /** Most connections of one store. Default 10. */
  readonly pool?: number
  /** Milliseconds after which a statement is given up, by the server and here. Default 5,000. */
  readonly statementMs?: number
  /** Milliseconds until a connection must stand, waiting for a free one included. Default 5,000. */
  readonly connectMs?: number
  readonly watch?: StoreWatch
}

export interface PostgresTls {
  /** False: TLS with whoever answers. */
  readonly verify: boolean
  /** PEM; default: those of Node. */
  readonly authorities?: string
  readonly certificate?: string
  readonly key?: string
}
