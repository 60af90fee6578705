import type { Matched } from '../../kernel/facts.ts'
import type { LimitStores } from '../../kernel/limit-store.ts'
import type { RateDecision } from '../../kernel/ports.ts'
import type { Principal } from '../../kernel/principal.ts'
import type { Budget } from './budget.ts'
import type { CompiledRule } from './compile-rule.ts'
import type { Holders } from './holders.ts'
import type { LockBook } from './lock-book.ts'

/** The store's answer, what it threw, or for how long the key is locked. */
export type Outcome =
  | (RateDecision & { readonly delayed?: boolean })
  | { readonly fault: unknown }
  | { readonly lockedMs: number }

/** Rules that are taken from together. */
export interface RuleGroup {
  readonly rules: readonly CompiledRule[]
  /** Those that make calls wait; asked when all others have let the call pass. */
  readonly turns: readonly CompiledRule[]
  /** Value of `RateLimit-Policy`; empty where every rule only watches, undefined where it differs from call to call. */
  readonly policies: string | undefined
}

/** What limits are taken from, and who else is told. */
export interface Taking {
  readonly stores: LimitStores
  readonly holders: Holders
  readonly locks: LockBook | undefined
}

/** A call as limits see it: before it is identified the principal is the anonymous one. */
export type LimitedCall = Matched & { readonly principal: Principal }

/** What a call took from one rule. */
export interface Taken {
  readonly rule: CompiledRule
  readonly budget: Budget
  readonly key: string
  readonly cost: number
  readonly holder: string
  outcome: Outcome
}

/** A call that may go on. */
export interface Passed {
  /** `RateLimit` and `RateLimit-Policy`. */
  readonly fields: readonly string[]
  /** To be called when the call is over, with its status and the bytes of its reply; undefined where nothing is to do. */
  readonly settle: Settle | undefined
}

export type Settle = (status: number, bytes: number) => void

/** `RateLimit` and `RateLimit-Policy` of a call that may go on. */
export type LimitFields = readonly string[]

export const noLimitFields: LimitFields = Object.freeze([])

/** A call that could not be given back stays spent: the refusal stands either way. */
export function giveBack({ budget, key, cost, holder }: Taken, now: number, at: number): void {
  attempt(() => budget.giveBack(key, cost, now, at, holder))
}

/** What is said to a store without waiting for its answer, or for whether it has one. */
export function attempt(say: () => unknown): void {
  try {
    const said = say()
    if (said instanceof Promise) said.catch(() => undefined)
  } catch {
    // Nothing can be done about it here.
  }
}

/** Locks the key of a spent budget. Who opens the lock makes the budget whole, else the next call would lock it again. */
export function lock(taking: Taking, { rule, budget, key }: Taken, now: number): void {
  const { rates } = taking.stores
  const { lockMs } = rule
  rule.tally.locked++
  attempt(() => rates.lock(key, lockMs, now))
  taking.locks?.add({ api: rule.api, limit: rule.name, key, durationMs: lockMs }, () => {
    attempt(() => rates.unlock(key))
    attempt(() => budget.giveBack(key, budget.whole, taking.holders.now(), Date.now(), ''))
  })
}
