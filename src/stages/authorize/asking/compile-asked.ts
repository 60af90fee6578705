import { compileExpression } from '../../../expression/compile-expression.ts'
import { type Expression, phaseOf } from '../../../expression/expression.ts'
import { type Place, Unusable } from '../../../kernel/finding.ts'
import type { Operation } from '../../../kernel/operation.ts'
import { type Denial, deny } from '../../../kernel/verdict.ts'
import { compileIdSource, type IdSource } from '../id-source.ts'
import { operationsOf } from '../object-operations.ts'
import { operationVariables } from '../operation-variables.ts'
import { refusalCode, unusableRule } from '../ownership.ts'
import type { AskedRule, AskingApi } from './options.ts'

export const askedCheck = 'authorize.asked'

/** One rule on one operation. */
export interface AskedPlan {
  readonly asked: AskedRule
  readonly source: IdSource
  readonly action: string
  readonly subject: Expression | undefined
  readonly exception: Expression | undefined
  readonly context: readonly (readonly [string, Expression])[]
  readonly refusal: Denial
}

const safe: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'QUERY'])

/** Compiles the asked types of one API, by slot. Throws `Unusable` with all that is wrong. */
export function compileAsked(api: AskingApi): ReadonlyMap<number, readonly AskedPlan[]> {
  const plans = new Map<number, AskedPlan[]>()
  const wrong = new Map<string, Unusable['findings'][number]>()
  for (const asked of api.rules) {
    if (asked.mode === 'off') continue
    try {
      assertActions(asked, api.operations)
      const slots = operationsOf(asked.rule, api)
      for (const operation of api.operations) {
        if (!slots.has(operation.slot)) continue
        const known = plans.get(operation.slot) ?? []
        plans.set(operation.slot, [...known, compileRule(asked, operation)])
      }
    } catch (thrown) {
      if (!(thrown instanceof Unusable)) throw thrown
      for (const finding of thrown.findings) wrong.set(finding.message, finding)
    }
  }
  if (wrong.size > 0) throw new Unusable([...wrong.values()])
  return plans
}

function compileRule(asked: AskedRule, operation: Operation): AskedPlan {
  const { rule } = asked
  const place = rule.place
  const compile = (source: string, at: Place, expects: 'any' | 'bool' | 'string'): Expression => {
    const variables = operationVariables(operation, expects === 'bool')
    return compileExpression(source, { place: at, variables: { ...variables, response: 'any' }, expects })
  }
  const early = (expression: Expression, what: string): Expression => {
    if (phaseOf(expression) !== 'reply') return expression
    throw unusableRule(rule, expression.place, `with "ask", ${what} may not read the reply`)
  }
  return {
    asked,
    source: compileIdSource(rule.id, operation, rule.at?.id ?? place),
    action: actionOf(asked.action, operation),
    subject:
      asked.subject === undefined
        ? undefined
        : early(compile(asked.subject, rule.at?.subject ?? place, 'string'), '"subject"'),
    exception:
      rule.allow === undefined
        ? undefined
        : early(compile(rule.allow, rule.at?.allow ?? place, 'bool'), '"allow"'),
    context: [...asked.context].map(([name, source]) => [
      name,
      early(compile(source, place, 'any'), '"context"'),
    ]),
    refusal: deny(refusalCode(rule), askedCheck, `the decision point does not allow the ${rule.name}`),
  }
}

function actionOf(action: AskedRule['action'], operation: Operation): string {
  if (typeof action === 'string') return action
  const { id, method } = operation
  const usual = safe.has(method) ? 'read' : 'write'
  return action?.get(id) ?? action?.get(method) ?? action?.get('*') ?? usual
}

/** A name that is neither an operation nor a method would silently be another action. */
function assertActions({ action, rule }: AskedRule, operations: readonly Operation[]): void {
  if (action === undefined || typeof action === 'string') return
  const known = new Set(['*', ...operations.flatMap(({ id, method }) => [id, method])])
  for (const name of action.keys())
    if (!known.has(name))
      throw unusableRule(
        rule,
        rule.place,
        `"action" names ${name}, which is no operation and no method of the contract`,
        'write an operationId, a method in capitals, or `*`',
      )
}
