import type { ObjectIds } from '../../../contract/objects/id-map.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { Place } from '../../../kernel/finding.ts'
import type { LedgerStore } from '../../../kernel/ledger-store.ts'
import type { Mode } from '../../../kernel/mode.ts'
import type { Operation } from '../../../kernel/operation.ts'

/**
 * How objects of a type are shared. `shared`: whoever was shown one by a reply may use it. `private`: what somebody made
 * is not theirs to use who are merely shown it. `public-read`: what a reply showed to anybody may be read by all; to
 * change it one must have made it, or have been shown it with oneself as the owner.
 */
export type SharedKind = 'shared' | 'private' | 'public-read'

/** `learn:` of an object type. */
export interface LearnedRule {
  /** Object type, the key under `objects:`. */
  readonly name: string
  /** The contract's type whose places are meant. */
  readonly type: string
  readonly mode: Mode
  readonly kind: SharedKind
  /** How long an object that was given is remembered after it was last shown, in milliseconds. */
  readonly expiryMs: number
  /** Slots whose replies give objects; undefined: all. */
  readonly from: ReadonlySet<number> | undefined
  /** Slots that are checked; undefined: all. */
  readonly operations: ReadonlySet<number> | undefined
  /** Condition over the head of a call that lets callers in who were given nothing. */
  readonly allow: string | undefined
  readonly hidden: 403 | 404
  /** Misses of one principal within a day, from which on each is an alert, and from which on each is answered 429. */
  readonly alert: number
  readonly lock: number | undefined
  readonly place: Place
}

export interface LedgerApi {
  readonly name: string
  readonly operations: readonly Operation[]
  readonly ids: ObjectIds
  readonly rules: readonly LearnedRule[]
  /** The operation and path parameters that a URL of this API names, whatever its method; undefined where none. */
  resolve(
    url: string,
  ): { readonly slot: number; readonly params: Readonly<Record<string, string>> } | undefined
}

export interface LedgerOptions {
  readonly apis: readonly LedgerApi[]
  readonly store: LedgerStore
  readonly clock?: Clock
}
