import { Unusable } from '../../kernel/finding.ts'
import type { Operation } from '../../kernel/operation.ts'
import type { RateSpec } from '../../kernel/ports.ts'
import { type BudgetKey, compileBudgetKey } from './budget-key.ts'
import { policyItem, quotePolicy } from './limit-fields.ts'
import type { LimitRule } from './options.ts'

/** A rate rule for one operation. */
export interface RateRule {
  readonly name: string
  /** The name as it stands in reply fields. */
  readonly quoted: string
  readonly policy: string
  readonly spec: RateSpec
  readonly key: BudgetKey
  readonly watching: boolean
  readonly failsOpen: boolean
}

/** Compiles one rule for one operation. Throws `Unusable`. */
export function compileRateRule(rule: LimitRule, operation: Operation): RateRule {
  const { rate, windowMs, burst } = rule.rate
  const quoted = quotePolicy(rule.name)
  const wrong =
    quoted === undefined
      ? 'its name must be printable ASCII'
      : !Number.isSafeInteger(rate) || rate < 1
        ? 'the rate must be a whole number of calls, at least 1'
        : !Number.isSafeInteger(burst) || burst < 1
          ? '"burst" must be a whole number of calls, at least 1'
          : !Number.isFinite(windowMs) || windowMs <= 0
            ? 'the window must be longer than nothing'
            : undefined
  if (wrong !== undefined || quoted === undefined)
    throw new Unusable([
      {
        rule: 'config.invalid',
        severity: 'error',
        message: `limit "${rule.name}": ${wrong}`,
        place: rule.place,
      },
    ])
  return {
    name: rule.name,
    quoted,
    policy: policyItem(quoted, rule.rate),
    spec: rule.rate,
    key: compileBudgetKey(rule, operation),
    watching: rule.mode === 'observe',
    failsOpen: rule.onFault === 'allow',
  }
}
