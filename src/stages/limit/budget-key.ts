import { createHash } from 'node:crypto'
import { compileExpression } from '../../expression/compile-expression.ts'
import { phaseOf } from '../../expression/expression.ts'
import { isFailure } from '../../expression/failure.ts'
import type { Call, Scene } from '../../expression/scene.ts'
import type { Variables } from '../../expression/vocabulary.ts'
import { Unusable } from '../../kernel/finding.ts'
import type { Operation } from '../../kernel/operation.ts'
import { networkOf } from './network-of.ts'
import type { LimitRule } from './options.ts'

/** Builds the key of the budget that a call spends. */
export interface BudgetKey {
  readonly phase: 'head' | 'input'
  /** True where every part is a header, cookie or query value: who sends another one gets another budget. */
  readonly chosen: boolean
  of(call: Call, scene: Scene): string
}

type Part = (call: Call, scene: Scene) => string

// Each part carries its kind and its length, so that no two lists of parts give the same key.
const part = (kind: string, value: string): string => `${kind}${value.length}:${value}`

const network: Part = (call) => part('n', networkOf(call.client))

const caller: Part = (call, scene) => {
  const { issuer, sub } = call.principal
  return sub === '' ? network(call, scene) : part('i', issuer) + part('s', sub)
}

const client: Part = (call, scene) =>
  call.principal.client === undefined
    ? caller(call, scene)
    : part('i', call.principal.issuer) + part('c', call.principal.client)

/**
 * A value that the caller chose, folded: other cases, widths and spaces around it are the same account to many
 * upstreams, and must not be other budgets. Folding too much only shares a budget.
 */
function fold(value: string): string {
  const folded = value.normalize('NFKC').trim().toLowerCase()
  return folded.length > 128 ? createHash('sha256').update(folded).digest('base64url') : folded
}

function variablesOf(operation: Operation): Variables {
  const names = (where: string): string[] =>
    operation.parameters.filter((parameter) => parameter.in === where).map((parameter) => parameter.name)
  return {
    caller: 'any',
    path: names('path'),
    query: names('query'),
    header: 'any',
    cookie: 'any',
    ...(operation.input.body === undefined ? {} : { body: 'any' }),
    request: 'any',
  }
}

/** Compiles `per` of a rule for one operation. Throws `Unusable`. */
export function compileBudgetKey(rule: LimitRule, operation: Operation): BudgetKey {
  if (rule.per.length === 0)
    throw new Unusable([
      {
        rule: 'config.invalid',
        severity: 'error',
        message: `limit "${rule.name}": "per" is empty`,
        place: rule.place,
      },
    ])
  let phase: 'head' | 'input' = 'head'
  let chosen = true
  const parts = rule.per.map((source): Part => {
    const named =
      source === 'caller' ? caller : source === 'client' ? client : source === 'ip' ? network : undefined
    if (named !== undefined) {
      chosen = false
      return named
    }
    const expression = compileExpression(source, {
      place: rule.place,
      variables: variablesOf(operation),
      expects: 'string',
    })
    if (phaseOf(expression) !== 'head') phase = 'input'
    const { uses } = expression
    if (!uses.has('header') && !uses.has('cookie') && !uses.has('query')) chosen = false
    // Calls without the value share one budget: leaving it out evades nothing and takes from nobody else.
    return (call, scene) => {
      const value = expression.text(call, scene)
      return isFailure(value) ? 'x' : part('v', fold(value))
    }
  })
  const prefix = part('r', rule.api) + part('r', rule.name)
  const [only] = parts
  const of: Part =
    parts.length === 1 && only !== undefined
      ? (call, scene) => prefix + only(call, scene)
      : (call, scene) => {
          let key = prefix
          for (const one of parts) key += one(call, scene)
          return key
        }
  return { phase, chosen, of }
}
