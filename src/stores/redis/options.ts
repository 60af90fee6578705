import type { StoreWatch } from '../../kernel/store-watch.ts'

/** How to reach Redis or Valkey (6.2 or newer). */
export interface RedisOptions {
  readonly mode: 'single' | 'cluster' | 'sentinel'
  /** The server; some servers of the cluster; the sentinels. */
  readonly nodes: readonly RedisNode[]
  /** Name under which the sentinels know the master. */
  readonly name?: string
  readonly user?: string
  readonly password?: string
  readonly sentinelUser?: string
  readonly sentinelPassword?: string
  readonly database?: number
  /** TLS with the names of the nodes checked; `authorities`: PEM, default: those of Node. */
  readonly tls?: { readonly authorities?: string }
  /** What every key and channel begins with. */
  readonly prefix: string
  /** Milliseconds for which an answer is waited. */
  readonly timeoutMs: number
  readonly watch?: StoreWatch
}

export interface RedisNode {
  readonly host: string
  readonly port: number
}
