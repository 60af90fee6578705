import type { Generated } from 'kysely'

/** One audit event. The columns are what is filtered by; `event` is all of it. */
export interface EventsTable {
  /** Order of arrival in this database; cursors are made of it. */
  seq: Generated<number>
  time: number
  id: string
  api: string
  operation: string
  issuer: string
  sub: string
  address: string
  status: number
  /** Problem code; null where the call was not refused. */
  code: string | null
  event: string
}

/**
 * Events are indexed a chunk at a time: when a chunk (a fixed run of `seq`) is full, its entries are added in
 * key order. Ordinary indexes cost a random page for each event and column, and more as the table grows.
 */
export interface LookupTable {
  chunk: number
  kind: Kind
  value: string
  seq: number
}

/** What can be looked up: see `kindsOf`. */
export type Kind = 1 | 2 | 3 | 4 | 5 | 6

/** A full chunk that is indexed. */
export interface ChunksTable {
  chunk: number
  earliest: number
  latest: number
}

/** Names of the APIs that events in full chunks are of: entries of kind 4 begin with them. */
export interface ApisTable {
  api: string
}

export interface Schema {
  apis: ApisTable
  events: EventsTable
  lookup: LookupTable
  chunks: ChunksTable
}

/**
 * The kinds of entry: how each is read from `events`, and for which rows. Ordinary calls (no refusal, status
 * below 400) get none for status and code, so that rare ones are found at once.
 */
export const kinds: readonly { readonly kind: Kind; readonly value: string; readonly where: string }[] = [
  { kind: 1, value: 'id', where: 'true' },
  { kind: 2, value: 'sub', where: "sub <> ''" },
  { kind: 3, value: 'address', where: 'true' },
  { kind: 4, value: 'api || char(31) || operation', where: 'true' },
  { kind: 5, value: 'code', where: 'code is not null' },
  { kind: 6, value: 'cast(status as text)', where: 'status >= 400' },
]

/** Read once an event: the order of the columns in an insert. */
export const columns = [
  'time',
  'id',
  'api',
  'operation',
  'issuer',
  'sub',
  'address',
  'status',
  'code',
  'event',
] as const
