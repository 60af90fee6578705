import type { IdShape, OperationIds, ParameterId, UnreadIds } from '../../../contract/objects/id-map.ts'
import { hasLink, typesIn } from '../../../contract/objects/id-types.ts'
import { isPersonType } from '../../../contract/objects/known-types.ts'
import { compileRewriter, type PathRewriter } from '../../../contract/route/rewrite-path.ts'
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
  /** The body's shape, where it has sealed ids; likewise that of the object which a JSON Patch changes. */
  readonly body: IdShape | undefined
  readonly patched: IdShape | undefined
  /** Ranges of bodies, and of replies, whose sealed ids cannot be opened or sealed. */
  readonly unread: readonly UnreadIds[]
  readonly unsealable: readonly UnreadIds[]
}

export interface CompiledSealing {
  readonly plans: ReadonlyMap<number, SealingPlan>
  readonly findings: readonly Finding[]
}

/** Compiles the sealed types of one API for each of its operations. Throws `Unusable`. */
export function compileSealing(api: SealingApi): CompiledSealing {
  const plans = new Map<number, SealingPlan>()
  const wrong: Finding[] = []
  const findings: Finding[] = []
  for (const operation of api.operations) {
    const ids = api.ids.operations.get(operation.slot)
    if (ids === undefined) continue
    const types = new Map<string, SealedPlan>()
    for (const rule of api.rules) {
      const twin = types.get(rule.type)
      if (twin !== undefined) wrong.push(sameType(rule, twin.rule))
      else types.set(rule.type, compileType(rule, operation, wrong))
    }
    const parameters = [...ids.parameters, ...ids.members].flatMap((id) => {
      const plan = id.confidence === 'guess' ? undefined : types.get(id.type)
      return plan === undefined ? [] : [{ id, plan }]
    })
    const isSealed = (found: ReadonlySet<string>): boolean =>
      [...found].some((type) => types.get(type)?.rule.mode === 'enforce')
    judgeUnread(operation, ids, types, wrong, findings)
    plans.set(operation.slot, {
      api,
      ids,
      types,
      parameters,
      path: compileRewriter(operation.template),
      body: hasType(ids.body, types) || hasLink(ids.body) ? ids.body : undefined,
      patched: hasType(ids.patched, types) || hasLink(ids.patched) ? ids.patched : undefined,
      unread: ids.unread.filter((one) => isSealed(one.types)),
      unsealable: ids.unsealable.filter((one) => isSealed(one.types)),
    })
  }
  if (wrong.length > 0)
    throw new Unusable(
      wrong.filter((one, i) => wrong.findIndex((other) => other.message === one.message) === i),
    )
  return { plans, findings }
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
  return [...typesIn(shape)].some((type) => types.has(type))
}

/**
 * What cannot be opened or sealed is refused when it comes. Throws where nothing else is declared, so that every call
 * would be refused, and for parameters that pack ids into a text.
 */
function judgeUnread(
  operation: Operation,
  { unread, unsealable }: OperationIds,
  types: ReadonlyMap<string, SealedPlan>,
  wrong: Finding[],
  findings: Finding[],
): void {
  const complain = (one: UnreadIds, verb: string, only: boolean, fix: string): void => {
    const rules = [...one.types]
      .flatMap((type) => types.get(type)?.rule ?? [])
      .filter(({ mode }) => mode === 'enforce')
    const [first] = rules
    if (first === undefined) return
    const names = rules.map(({ name }) => `"${name}"`).join(', ')
    const where = `${operation.method} ${operation.template}: sealed ids of ${names} cannot be ${verb} in ${one.place}`
    if (only)
      wrong.push({ rule: 'config.sealed-place', severity: 'error', message: where, place: first.place, fix })
    else
      findings.push({
        rule: 'config.sealed-place',
        severity: 'note',
        message: `${where}, which is refused`,
        place: operation.place,
        fix,
      })
  }
  const { body } = operation.input
  for (const one of unread)
    complain(
      one,
      'opened',
      one.range === undefined ||
        !['application/json', formType].some((type) => body?.find(type) !== undefined),
      one.range === undefined
        ? 'declare the members as parameters of their own'
        : `declare an application/json or ${formType} body as well`,
    )
  for (const one of unsealable)
    if (one.range?.includes('*') !== true)
      complain(
        one,
        'sealed',
        operation.output.successes.length === 0,
        'declare an application/json reply as well',
      )
}

const formType = 'application/x-www-form-urlencoded'
