import type { RateDecision } from '../../kernel/ports.ts'
import type { ProblemCode } from '../../kernel/problem.ts'

/** A value now, or a promise of it: a store of this process answers at once. */
export type Soon<T> = T | Promise<T>

/** One amount with its store. `now` is monotonic ms, `at` ms since the epoch, `holder` names the call. */
export interface Budget {
  /** Its item of `RateLimit-Policy` at a moment, ms since the epoch: months differ. */
  policy(at: number): string
  /** True where that never changes. */
  readonly steady: boolean
  /** Name of the check on record. */
  readonly check: string
  /** What being over it is. */
  readonly code: ProblemCode
  /** The most that can be taken at once. */
  readonly whole: number
  /** True where what was taken is given back when the call is over. */
  readonly held: boolean
  take(key: string, cost: number, now: number, at: number, holder: string): Soon<RateDecision>
  /** Gives back what `take` took. */
  giveBack(key: string, cost: number, now: number, at: number, holder: string): Soon<unknown>
  /** Takes what is known only afterwards, whether or not it is there. */
  charge(key: string, cost: number, now: number, at: number): Soon<void>
  /** Its item of `RateLimit`. */
  item(decision: RateDecision): string
  /** `Retry-After` of a refusal, seconds. */
  retrySeconds(decision: RateDecision): number
}
