import type { Clock } from '../../../kernel/clock.ts'
import type { Mode } from '../../../kernel/mode.ts'
import type { Operation } from '../../../kernel/operation.ts'
import type { JsonClient } from '../../../outbound/create-outbound.ts'
import type { ObjectRule } from '../options.ts'

/** Which decision point is asked. URLs are without a slash at their end. */
export type DecisionPointOptions =
  | { readonly kind: 'authzen'; readonly url: string }
  | {
      readonly kind: 'openfga'
      readonly url: string
      readonly store: string
      readonly model: string | undefined
    }

/** `ask:` of an object type. */
export interface AskedRule {
  /** `name`, `id`, `allow`, `issuer`, `operations`, `hidden`, `place` count; `owner` is a rule of its own. */
  readonly rule: ObjectRule
  readonly point: DecisionPointOptions
  /** Bearer credential; kept out of everything that is printed. */
  readonly token: { reveal(): string } | undefined
  /** Type of the objects as the decision point knows it. */
  readonly type: string
  /** The action by operationId, else by method, else by `*`; a text: always the same. Undefined: `read` and `write`. */
  readonly action: string | ReadonlyMap<string, string> | undefined
  readonly subjectType: string
  /** Expression; undefined: `caller.sub`. */
  readonly subject: string | undefined
  /** Name → expression of what the decision point is told besides. */
  readonly context: ReadonlyMap<string, string>
  readonly deadlineMs: number
  /** How old a decision may be that is used again, in milliseconds; 0: none is. */
  readonly cacheMs: number
  readonly batch: number
  readonly mode: Mode
}

export interface AskingApi {
  readonly name: string
  readonly operations: readonly Operation[]
  readonly rules: readonly AskedRule[]
}

export interface AskingOptions {
  readonly apis: readonly AskingApi[]
  readonly outbound: JsonClient
  readonly clock?: Clock
}
