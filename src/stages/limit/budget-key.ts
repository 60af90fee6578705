import { createHash } from 'node:crypto'
import { compileExpression } from '../../expression/compile-expression.ts'
import { phaseOf } from '../../expression/expression.ts'
import { isFailure } from '../../expression/failure.ts'
import type { Call, Scene } from '../../expression/scene.ts'
import type { Variables } from '../../expression/vocabulary.ts'
import { Unusable } from '../../kernel/finding.ts'
import { networkOf } from '../../kernel/network-of.ts'
import type { Operation } from '../../kernel/operation.ts'
import type { LimitRule } from './options.ts'

/** Builds the key of the budget that a call spends. */
export interface BudgetKey {
  readonly phase: 'head' | 'input'
  /** True where every part is a header, cookie or query value: who sends another one gets another budget. */
  readonly chosen: boolean
  /** True where no part needs to know who calls: it can be made before the caller is identified. */
  readonly early: boolean
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

/** What may be read of a call for a key, a cost or a tier. */
export function variablesOf(operation: Operation): Variables {
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

/** One budget for all. */
const everybody: Part = () => 'a'

const words: ReadonlyMap<string, Part> = new Map([
  ['caller', caller],
  ['client', client],
  ['ip', network],
  ['api', everybody],
])

/** The credential that was shown, by its digest: valid or not, whoever it is of. Without one, the network. */
function credentialIn(names: readonly string[]): Part {
  return (call, scene) => {
    for (const name of names) {
      const value = call.fields.get(name)
      if (value !== undefined) return part('k', createHash('sha256').update(value).digest('base64url'))
    }
    return network(call, scene)
  }
}

/** Compiles `per` of a rule for one operation; `credentials`: fields that may hold one. Throws `Unusable`. */
export function compileBudgetKey(
  rule: Pick<LimitRule, 'name' | 'api' | 'per' | 'place'>,
  operation: Operation,
  credentials: readonly string[],
): BudgetKey {
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
  let early = true
  const credential = credentialIn(credentials)
  const parts = rule.per.map((source): Part => {
    const named = source === 'credential' ? credential : words.get(source)
    if (named !== undefined) {
      if (source !== 'credential') chosen = false
      if (source === 'caller' || source === 'client') early = false
      return named
    }
    const expression = compileExpression(source, {
      place: rule.place,
      variables: variablesOf(operation),
      expects: 'string',
    })
    if (phaseOf(expression) !== 'head') phase = 'input'
    const { uses } = expression
    if (uses.has('caller') || uses.has('body')) early = false
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
  return { phase, chosen, early, of }
}

/**
 * The key that values would have, in the order of `per`: addresses, `ISSUER/SUBJECT` for `caller`, `ISSUER/CLIENT` for
 * `client`, a credential as it is sent; nothing for `api`. Undefined where there are not as many as there should be.
 */
export function keyOfValues(
  rule: Pick<LimitRule, 'api' | 'name' | 'per'>,
  values: readonly string[],
): string | undefined {
  const left = [...values]
  let key = part('r', rule.api) + part('r', rule.name)
  for (const source of rule.per) {
    if (source === 'api') {
      key += 'a'
      continue
    }
    const value = left.shift()
    if (value === undefined) return undefined
    const slash = value.indexOf('/')
    if (source === 'ip' || (slash < 0 && (source === 'caller' || source === 'client')))
      key += part('n', networkOf(value))
    else if (source === 'caller' || source === 'client')
      key += part('i', value.slice(0, slash)) + part(source === 'caller' ? 's' : 'c', value.slice(slash + 1))
    else if (source === 'credential') key += part('k', createHash('sha256').update(value).digest('base64url'))
    else key += part('v', fold(value))
  }
  return left.length === 0 ? key : undefined
}
