import type { IdShape, OperationIds, ParameterId, UnreadIds } from '../../../contract/objects/id-map.ts'
import { hasLink, typesIn } from '../../../contract/objects/id-types.ts'
import { isPersonType } from '../../../contract/objects/known-types.ts'
import { compileExpression } from '../../../expression/compile-expression.ts'
import { type Expression, phaseOf } from '../../../expression/expression.ts'
import { type Finding, Unusable } from '../../../kernel/finding.ts'
import type { Operation } from '../../../kernel/operation.ts'
import { type Denial, deny } from '../../../kernel/verdict.ts'
import { operationVariables } from '../operation-variables.ts'
import { madeHolder, publicHolder } from './ledger-keys.ts'
import type { LearnedRule, LedgerApi } from './options.ts'

export const learnedCheck = 'authorize.learned'

/** One rule on one operation. */
export interface LearnedPlan {
  readonly rule: LearnedRule
  /** True where ids of the type are checked in this operation. */
  readonly checks: boolean
  readonly parameters: readonly ParameterId[]
  /** Lets a caller in who was given nothing. */
  readonly exception: Expression | undefined
  /** True where replies of this operation give objects of the type. */
  readonly teaches: boolean
  /** True where a 2xx reply means that the caller has made the object whose id it shows first. */
  readonly creates: boolean
  readonly removes: ParameterId | undefined
  /** Reading what is public needs less than changing it. */
  readonly reads: boolean
  /** Whose own id is given to them: the type's objects are people. */
  readonly self: boolean
  readonly refusal: Denial
}

/** What the ledger does for one operation. */
export interface LedgerPlan {
  readonly api: LedgerApi
  readonly ids: OperationIds
  /** By the contract's type. */
  readonly rules: ReadonlyMap<string, LearnedPlan>
  readonly checked: readonly LearnedPlan[]
  /** The body's shape, where it has ids that are checked; likewise that of the object which a JSON Patch changes. */
  readonly body: IdShape | undefined
  readonly patched: IdShape | undefined
  /** Media types in which ids that are checked cannot be read. */
  readonly unread: readonly UnreadIds[]
  /** True where a reply can teach or remove something. */
  readonly teaches: boolean
  /** Holders beside the caller that are asked: names begin with NUL. */
  readonly commons: readonly string[]
}

const safe: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'QUERY'])

export interface CompiledLedger {
  readonly plans: ReadonlyMap<number, LedgerPlan>
  readonly findings: readonly Finding[]
}

/** Compiles the learned types of one API for each of its operations. Throws `Unusable`. */
export function compileLedger(api: LedgerApi): CompiledLedger {
  const plans = new Map<number, LedgerPlan>()
  const wrong: Finding[] = []
  const given = new Set<LearnedRule>()
  const asked = new Set<LearnedRule>()
  const unreadable: Finding[] = []
  for (const operation of api.operations) {
    const ids = api.ids.operations.get(operation.slot)
    if (ids === undefined) continue
    const shown = typesShown(api, operation, ids)
    const named = new Set([...typesIn(ids.body), ...typesIn(ids.patched)])
    const rules = new Map<string, LearnedPlan>()
    for (const rule of api.rules) {
      if (rule.mode === 'off') continue
      const twin = rules.get(rule.type)
      if (twin !== undefined) {
        wrong.push(sameType(rule, twin.rule))
        continue
      }
      const plan = compileRule(rule, operation, ids, shown, wrong)
      rules.set(rule.type, plan)
      if (plan.teaches && (shown.has(rule.type) || plan.creates)) given.add(rule)
      if (plan.checks && (plan.parameters.length > 0 || named.has(rule.type))) asked.add(rule)
    }
    if (rules.size === 0) continue
    const all = [...rules.values()]
    const unread = ids.unread.filter(({ range }) => range?.startsWith('multipart/') !== true)
    const checked = all.filter(
      (one) =>
        one.checks &&
        (one.parameters.length > 0 ||
          named.has(one.rule.type) ||
          unread.some(({ types }) => types.has(one.rule.type))),
    )
    const isChecked = ({ types }: UnreadIds): boolean => checked.some(({ rule }) => types.has(rule.type))
    const inPlace = (shape: IdShape | undefined): IdShape | undefined =>
      checked.some(({ rule }) => typesIn(shape).has(rule.type)) || hasLink(shape) ? shape : undefined
    unreadable.push(...unread.filter(isChecked).map((one) => unreadIn(operation, one, checked)))
    plans.set(operation.slot, {
      api,
      ids,
      rules,
      checked,
      body: inPlace(ids.body),
      patched: inPlace(ids.patched),
      unread: unread.filter(isChecked),
      teaches: all.some((one) => one.teaches || one.removes !== undefined),
      commons: [
        ...(all.some((one) => one.rule.kind === 'private') ? [madeHolder(api.name)] : []),
        ...(all.some((one) => one.rule.kind === 'public-read') ? [publicHolder(api.name)] : []),
      ],
    })
  }
  if (wrong.length > 0)
    throw new Unusable(
      wrong.filter((one, i) => wrong.findIndex((other) => other.message === one.message) === i),
    )
  return { plans, findings: [...api.rules.flatMap((rule) => useless(rule, given, asked)), ...unreadable] }
}

/** Names where calls are refused because nobody can read their ids, or are open where the parameter is not read. */
function unreadIn(operation: Operation, unread: UnreadIds, checked: readonly LearnedPlan[]): Finding {
  const names = checked.filter(({ rule }) => unread.types.has(rule.type)).map(({ rule }) => `"${rule.name}"`)
  const who = `${operation.method} ${operation.template}: ids of ${names.join(', ')} in ${unread.place}`
  return unread.range === undefined
    ? {
        rule: 'open-door.unread-ids',
        severity: 'warning',
        message: `${who} are not checked`,
        place: operation.place,
        fix: 'declare them as parameters of their own',
      }
    : {
        rule: 'config.unread-ids',
        severity: 'note',
        message: `${who} cannot be read, so such calls are refused`,
        place: operation.place,
        fix: 'declare a JSON or form body',
      }
}

function compileRule(
  rule: LearnedRule,
  operation: Operation,
  ids: OperationIds,
  shown: ReadonlySet<string>,
  wrong: Finding[],
): LearnedPlan {
  const parameters = [...ids.parameters, ...ids.members].filter(
    (one) => one.type === rule.type && one.confidence !== 'guess',
  )
  const checks = rule.operations?.has(operation.slot) !== false
  return {
    rule,
    checks,
    parameters,
    exception: checks ? compileException(rule, operation, wrong) : undefined,
    teaches: rule.from?.has(operation.slot) !== false && (shown.has(rule.type) || ids.creates === rule.type),
    creates: ids.creates === rule.type,
    removes: ids.removes?.type === rule.type ? ids.removes : undefined,
    reads: safe.has(operation.method),
    self: isPersonType(rule.type),
    refusal: deny(
      rule.hidden === 404 ? 'AUTHORIZE_NOT_FOUND' : 'AUTHORIZE_OBJECT',
      learnedCheck,
      `the ${rule.name} was never given to the caller`,
    ),
  }
}

function sameType(rule: LearnedRule, other: LearnedRule): Finding {
  return {
    rule: 'config.invalid',
    severity: 'error',
    message: `objects "${other.name}" and "${rule.name}" are both learned, and are the contract’s type "${rule.type}"`,
    place: rule.place,
    fix: 'write `learn` at one of them',
  }
}

function compileException(rule: LearnedRule, operation: Operation, wrong: Finding[]): Expression | undefined {
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
      message: `object "${rule.name}": with "learn", "allow" may read the head of the call alone`,
      place: rule.place,
    })
  } catch (thrown) {
    if (!(thrown instanceof Unusable)) throw thrown
    for (const finding of thrown.findings)
      if (!wrong.some((known) => known.message === finding.message)) wrong.push(finding)
  }
  return undefined
}

/** Types that replies of an operation show. */
function typesShown(api: LedgerApi, operation: Operation, ids: OperationIds): ReadonlySet<string> {
  const types = new Set([...ids.replyFields.values()].map((mark) => mark.type))
  for (const { place, type, confidence } of api.ids.places(operation.slot))
    if (place.startsWith('reply 2') || place.startsWith('reply default') || place.startsWith('reply 3'))
      if (confidence !== 'guess') types.add(type)
  return types
}

function useless(
  rule: LearnedRule,
  given: ReadonlySet<LearnedRule>,
  asked: ReadonlySet<LearnedRule>,
): Finding[] {
  if (rule.mode === 'off') return []
  if (!asked.has(rule))
    return [
      {
        rule: 'config.learned-type',
        severity: 'warning',
        message: `object "${rule.name}": no operation names one in its request, so there is nothing to check`,
        place: rule.place,
        fix: 'write where its ids are: `ids: [path.NAME, Schema.property]`',
      },
    ]
  if (given.has(rule)) return []
  return [
    {
      rule: 'config.learned-type',
      severity: rule.mode === 'enforce' ? 'error' : 'warning',
      message: `object "${rule.name}": no reply gives one, so every call that names one would be refused`,
      place: rule.place,
      fix: 'write where replies have its id: `ids: [Schema.property]`',
    },
  ]
}
