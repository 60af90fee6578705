import type { ObjectRef } from './object-ref.ts'
import type { ProblemCode } from './problem.ts'

/** One place where a request or reply is not what the contract says. Never carries the value itself. */
export interface SchemaError {
  /** JSON pointer: `/query/limit`, `/body/traveller/email`. */
  readonly pointer: string
  /** JSON Schema keyword or own word: `type`, `required`, `undeclared`. */
  readonly code: string
}

/** A refusal. It is a value: stages return it, `gateway/refuse.ts` alone turns it into bytes. */
export interface Denial {
  readonly verdict: 'deny'
  readonly code: ProblemCode
  /** For the record only; the caller never sees it. Must hold no secret and no raw input. */
  readonly reason: string
  /** Which check refused, for the record: `identify.jwt`, `limit.rate`. */
  readonly check: string
  /** Extra reply fields as flat name, value pairs: `WWW-Authenticate`, `Retry-After`, `Allow`. */
  readonly fields?: readonly string[]
  /** For schema refusals: what is wrong and where, shown to the caller. */
  readonly errors?: readonly SchemaError[]
  /** For limit refusals: names of the violated policies, shown to the caller. */
  readonly violated?: readonly string[]
  /** The objects that the call named, for the record only: also those it was refused. */
  readonly objects?: readonly ObjectRef[]
  /** The exception behind it, for the record only. */
  readonly cause?: unknown
}

export interface Allow {
  readonly verdict: 'allow'
}

/** "This check has nothing to say." All-abstain at identify or authorize is a denial. */
export interface Abstain {
  readonly verdict: 'abstain'
}

export type Verdict = Allow | Abstain | Denial

export const allow: Allow = Object.freeze({ verdict: 'allow' })
export const abstain: Abstain = Object.freeze({ verdict: 'abstain' })

/** Builds a refusal. `more` holds what else the caller or the record should get. */
export function deny(
  code: ProblemCode,
  check: string,
  reason: string,
  more?: Pick<Denial, 'fields' | 'errors' | 'violated' | 'cause'>,
): Denial {
  return more === undefined
    ? { verdict: 'deny', code, check, reason }
    : { verdict: 'deny', code, check, reason, ...more }
}

/** True for a refusal, false for a fact or any other verdict. */
export function isDenied(value: object | undefined): value is Denial {
  return value !== undefined && 'verdict' in value && value.verdict === 'deny'
}
