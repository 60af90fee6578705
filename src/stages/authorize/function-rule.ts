import { compileExpression } from '../../expression/compile-expression.ts'
import { phaseOf } from '../../expression/expression.ts'
import { isFailure } from '../../expression/failure.ts'
import type { Mode } from '../../kernel/mode.ts'
import type { Operation } from '../../kernel/operation.ts'
import { allow, type Denial, deny } from '../../kernel/verdict.ts'
import type { Check } from './check.ts'
import { operationVariables } from './operation-variables.ts'
import type { FunctionRule } from './options.ts'

const check = 'authorize.function'

/**
 * `functions:` on one operation: refused with `AUTHORIZE_FUNCTION` unless `allow` is true. A condition that
 * cannot be evaluated refuses too, and the reason says so. Throws `Unusable` where `allow` is no condition over
 * what the operation has.
 */
export function compileFunctionRule(
  rule: FunctionRule,
  operation: Operation,
  mode: Mode,
  label: string,
): Check {
  const expression = compileExpression(rule.allow, {
    place: rule.place,
    variables: operationVariables(operation, false),
    expects: 'bool',
  })
  const refusal: Denial = deny('AUTHORIZE_FUNCTION', check, `${label} does not allow it`)
  return {
    name: check,
    label,
    mode: rule.mode ?? mode,
    phase: phaseOf(expression) === 'head' ? 'head' : 'input',
    judge: (call, scene) => {
      const outcome = expression.evaluate(call, scene)
      if (outcome === true) return allow
      if (!isFailure(outcome)) return refusal
      return deny('AUTHORIZE_FUNCTION', check, `${label} could not be evaluated: ${outcome.reason}`)
    },
  }
}
