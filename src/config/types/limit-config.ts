import type { QuotaSpec, WindowSpec } from '../../kernel/limit-store.ts'
import type { Mode } from '../../kernel/mode.ts'
import type { RateSpec } from '../../kernel/ports.ts'

/** How much there is; a limit has one of these or several. */
export interface LimitAmounts {
  readonly rate: RateSpec | undefined
  readonly window: WindowSpec | undefined
  readonly quota: QuotaSpec | undefined
  readonly concurrent: number | undefined
  readonly throttle: RateSpec | undefined
}

export interface LimitConfig extends LimitAmounts {
  readonly for: readonly string[]
  readonly name: string | undefined
  /** `caller`, `client`, `ip`, `credential`, `api`, or expressions. */
  readonly per: readonly string[]
  readonly methods: 'safe' | 'unsafe' | undefined
  /** Calls of one key that wait; undefined: as many as `throttle` says. */
  readonly queue: number | undefined
  /** Milliseconds. */
  readonly delay: number
  /** `calls`: a number or an expression; `reply`: bytes that cost 1. */
  readonly cost: { readonly calls: number | string; readonly reply: number | undefined } | undefined
  readonly tiers: readonly LimitTierConfig[]
  /** Statuses of the calls that count; undefined: all calls do. */
  readonly failures: readonly number[] | undefined
  /** Milliseconds. */
  readonly lock: number | undefined
  /** Overrides the mode of the control. */
  readonly mode: Mode | undefined
  readonly onFault: 'local' | 'deny' | 'allow'
  readonly pointer: string
}

export interface LimitTierConfig extends LimitAmounts {
  readonly when: string
  readonly pointer: string
}
