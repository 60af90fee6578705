import type { EventReply, EventsReply } from '../../../src/admin/contract.ts'

/** One call, as lists have it. */
export type CallEvent = EventsReply['events'][number]
/** One call with every check. */
export type WholeCall = EventReply

/** `GET inventory?api=` */
export interface InventoryReply {
  readonly items: readonly InventoryRow[]
}

export interface InventoryRow {
  readonly api: string
  /** Null where no contract declares it. */
  readonly operation: string | null
  readonly method: string
  /** Template, inferred for what is not declared. */
  readonly path: string
  readonly state: 'called' | 'never-called' | 'deprecated' | 'shadow'
  readonly calls: number
  readonly callers: number
  readonly authentication: readonly string[]
  readonly undocumented: readonly string[]
  readonly dataClasses: readonly string[]
  readonly lastSeen: string | null
  /** An OpenAPI fragment for what is not declared. */
  readonly draft?: string
}
