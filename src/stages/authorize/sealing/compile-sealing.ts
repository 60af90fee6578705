import type { IdShape, OperationIds, ParameterId } from '../../../contract/id-map.ts'
import { isPersonType } from '../../../contract/id-parameters.ts'
import { compileRewriter, type PathRewriter } from '../../../contract/rewrite-path.ts'
import { compileExpression } from '../../../expression/compile-expression.ts'
import { type Expression, phaseOf } from '../../../expression/expression.ts'
import { type Finding, Unusable } from '../../../kernel/finding.ts'
import type { Operation } from '../../../kernel/operation.ts'
import { type Denial, deny } from '../../../kernel/verdict.ts'
import { operationVariables } from '../operation-variables.ts'
import type { SealedRule, SealingApi } from './options.ts'

export const sealedCheck = 'authorize.sealed'

/** One sealed type in one operation. */
export interface SealedPlan {
  readonly rule: SealedRule
  readonly exception: Expression | undefined
  /** The type's objects are people: their own subject is no secret to them. */
  readonly self: boolean
  readonly refusal: Denial
}

/** What sealing does for one operation. */
export interface SealingPlan {
  readonly api: SealingApi
  readonly ids: OperationIds
  readonly types: ReadonlyMap<string, SealedPlan>
  readonly parameters: readonly { readonly id: ParameterId; readonly plan: SealedPlan }[]
  readonly path: PathRewriter | undefined
  /** The body's shape, where it has sealed ids. */
  readonly body: IdShape | undefined
}

/** Compiles the sealed types of one API for each of its operations. Throws `Unusable`. */
export function compileSealing(api: SealingApi): ReadonlyMap<number, SealingPlan> {
  const plans = new Map<number, SealingPlan>()
  const wrong: Finding[] = []
  for (const operation of api.operations) {
    const ids = api.ids.operations.get(operation.slot)
    if (ids === undefined) continue
    const types = new Map<string, SealedPlan>()
    for (const rule of api.rules) {
      const twin = types.get(rule.type)
      if (twin !== undefined) wrong.push(sameType(rule, twin.rule))
      else types.set(rule.type, compileType(rule, operation, wrong))
    }
    const parameters = ids.parameters.flatMap((id) => {
      const plan = id.confidence === 'guess' ? undefined : types.get(id.type)
      return plan === undefined ? [] : [{ id, plan }]
    })
    plans.set(operation.slot, {
      api,
      ids,
      types,
      parameters,
      path: compileRewriter(operation.template),
      body: hasType(ids.body, types) ? ids.body : undefined,
    })
  }
  if (wrong.length > 0)
    throw new Unusable(
      wrong.filter((one, i) => wrong.findIndex((other) => other.message === one.message) === i),
    )
  return plans
}

function compileType(rule: SealedRule, operation: Operation, wrong: Finding[]): SealedPlan {
  return {
    rule,
    exception: compileException(rule, operation, wrong),
    self: isPersonType(rule.type),
    refusal: deny(
      rule.hidden === 404 ? 'AUTHORIZE_NOT_FOUND' : 'AUTHORIZE_OBJECT',
      sealedCheck,
      `the id of the ${rule.name} does not open for the caller`,
    ),
  }
}

function compileException(rule: SealedRule, operation: Operation, wrong: Finding[]): Expression | undefined {
  if (rule.allow === undefined) return undefined
  try {
    const expression = compileExpression(rule.allow, {
      place: rule.place,
      variables: operationVariables(operation, true),
      expects: 'bool',
    })
    if (phaseOf(expression) === 'head') return expression
    wrong.push({
      rule: 'config.invalid',
      severity: 'error',
      message: `object "${rule.name}": with "seal", "allow" may read the head of the call alone`,
      place: rule.place,
    })
  } catch (thrown) {
    if (!(thrown instanceof Unusable)) throw thrown
    wrong.push(...thrown.findings)
  }
  return undefined
}

function sameType(rule: SealedRule, other: SealedRule): Finding {
  return {
    rule: 'config.invalid',
    severity: 'error',
    message: `objects "${other.name}" and "${rule.name}" are both sealed, and are the contract’s type "${rule.type}"`,
    place: rule.place,
    fix: 'write `seal` at one of them',
  }
}

function hasType(shape: IdShape | undefined, types: ReadonlyMap<string, unknown>): boolean {
  const seen = new Set<IdShape>(shape === undefined ? [] : [shape])
  for (const one of seen) {
    if (one.id !== undefined && one.id.confidence !== 'guess' && types.has(one.id.type)) return true
    for (const child of one.members.values()) seen.add(child)
    if (one.items !== undefined) seen.add(one.items)
    if (one.rest !== undefined) seen.add(one.rest)
  }
  return false
}
