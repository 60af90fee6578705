import type { Clock } from '../../kernel/clock.ts'
import type { Place } from '../../kernel/finding.ts'
import type { Mode } from '../../kernel/mode.ts'
import type { Operation } from '../../kernel/operation.ts'
import type { RateSpec, RateStore } from '../../kernel/ports.ts'

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
   * IPv6 by /64. Anything else is an expression over the call.
   */
  readonly per: readonly string[]
  readonly rate: RateSpec
  /** `observe`: counts, writes down, never refuses, and shows the caller nothing. */
  readonly mode: Mode
  /** What a store that cannot answer means. Default `deny`. */
  readonly onFault?: 'deny' | 'allow'
  readonly place: Place
}

export interface LimitOptions {
  readonly store: RateStore
  readonly rules: readonly LimitRule[]
  /** All operations of the gate. */
  readonly operations: readonly Operation[]
  readonly clock?: Clock
}
