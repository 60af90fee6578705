import type { Clock } from '../../kernel/clock.ts'
import type { Place } from '../../kernel/finding.ts'
import type { LimitStores, QuotaSpec, WindowSpec } from '../../kernel/limit-store.ts'
import type { Mode } from '../../kernel/mode.ts'
import type { Operation } from '../../kernel/operation.ts'
import type { RateSpec } from '../../kernel/ports.ts'
import type { LockBook } from './lock-book.ts'
import type { Tallies } from './tally.ts'

/** How much there is. Numbers of calls, or of what `cost` counts. */
export type Amount =
  | { readonly kind: 'rate'; readonly spec: RateSpec }
  | { readonly kind: 'window'; readonly spec: WindowSpec }
  | { readonly kind: 'quota'; readonly spec: QuotaSpec }
  /** Calls at once. */
  | { readonly kind: 'concurrent'; readonly most: number }
  /** Calls beyond the rate wait: at most `queue` for each key, at most `delayMs`. */
  | { readonly kind: 'throttle'; readonly spec: RateSpec; readonly queue: number; readonly delayMs: number }

/** Other numbers for some callers; the first tier whose condition holds counts. */
export interface Tier {
  /** Expression over the call: `caller.claims.plan == 'gold'`. */
  readonly when: string
  /** Of the rule's own kind, window and period: one budget, of another size. */
  readonly amount: Amount
  readonly place: Place
}

/** What a call costs; 1 where nothing is written. */
export interface Cost {
  /** A whole number, or an expression that gives one. What gives none costs as much as the budget holds. */
  readonly calls: number | string
  /** Bytes of a reply for which 1 is charged when it has left, where that is more than `calls`. */
  readonly replyBytes?: number
  readonly place: Place
}

/** `limits:` – one budget per combination of keys, shared by all operations of the rule. */
export interface LimitRule {
  /** Policy name in `RateLimit` and `RateLimit-Policy`: printable ASCII, unique within the API. */
  readonly name: string
  readonly api: string
  /** Slots of the operations that the selector selected. */
  readonly operations: readonly number[]
  /**
   * What a budget belongs to; several make one composite key. `caller`: issuer and subject, or the network of an
   * anonymous caller. `client`: OAuth client, or the caller where the credential names none. `ip`: the address,
   * IPv6 by /64. `credential`: the credential that was shown, whoever it is of. `api`: one budget for all.
   * Anything else is an expression over the call.
   */
  readonly per: readonly string[]
  readonly amount: Amount
  readonly tiers?: readonly Tier[]
  readonly cost?: Cost
  /** Milliseconds for which the key is refused once its budget is spent. */
  readonly lockMs?: number
  /** Only calls that end with one of these count: failed authentications. The others get their unit back. */
  readonly failures?: readonly number[]
  /** `observe`: counts, writes down, never refuses, and shows the caller nothing. */
  readonly mode: Mode
  /** What a store that cannot answer means. `local`: `stores` see to it themselves. Default `deny`. */
  readonly onFault?: 'local' | 'deny' | 'allow'
  readonly place: Place
}

export interface LimitOptions {
  readonly stores: LimitStores
  /** For rules whose fault is not to be made good: stores that reject. Default `stores`. */
  readonly strictStores?: LimitStores
  readonly rules: readonly LimitRule[]
  /** All operations of the gate. */
  readonly operations: readonly Operation[]
  readonly clock?: Clock
  /** Where decisions are counted; outlives a reload. */
  readonly tallies?: Tallies
  /** Lower-case fields that may hold a credential. Default `authorization`. */
  readonly credentialFields?: readonly string[]
  /** Where locks are kept beyond this process. */
  readonly locks?: LockBook
}
