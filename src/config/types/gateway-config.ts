import type { PostgresConfig } from '../values/postgres-address.ts'
import type { RedisConfig } from '../values/redis-address.ts'

export interface StoreConfig {
  /** `file` is absolute, or `:memory:`. */
  readonly durable:
    | { readonly kind: 'sqlite'; readonly file: string }
    | { readonly kind: 'none' }
    | PostgresConfig
  readonly shared: { readonly kind: 'memory' } | RedisConfig
}

/** Milliseconds. */
export interface TimeoutConfig {
  /** Until a request's head is complete. */
  readonly headers: number
  /** Until a request's body is complete. */
  readonly body: number
  /** How long an idle connection is kept. */
  readonly idle: number
  /** How long calls may take to end when the gateway stops. */
  readonly drain: number
}

/** What the whole gateway takes at most. Bytes and counts. */
export interface BoundConfig {
  readonly connections: number
  readonly connectionsPerAddress: number
  readonly target: number
  readonly headers: number
  readonly headerCount: number
  /** Slowest pace of a request body, bytes a second. */
  readonly bodyPace: number
  /** Streams at once on one HTTP/2 connection. */
  readonly streams: number
}

/** Milliseconds and shares from 0 to 1. */
export interface OverloadConfig {
  readonly mode: 'enforce' | 'observe' | 'off'
  readonly eventLoop: number
  readonly memory: number
  readonly waiting: number
  readonly wait: number
  readonly concurrency: { readonly least: number; readonly tolerance: number }
  readonly breaker:
    | { readonly failures: number; readonly calls: number; readonly open: number; readonly probes: number }
    | undefined
  readonly retries: number
}

/** How much operations matter when not all calls can be served. */
export interface PriorityConfig {
  readonly for: readonly string[]
  readonly class: 'critical' | 'normal' | 'low'
  readonly pointer: string
}
