import { compileExpression } from '../../expression/compile-expression.ts'
import { phaseOf } from '../../expression/expression.ts'
import type { Call, Scene } from '../../expression/scene.ts'
import { Unusable } from '../../kernel/finding.ts'
import type { Operation } from '../../kernel/operation.ts'
import type { Budget } from './budget.ts'
import { type BudgetKey, compileBudgetKey, variablesOf } from './budget-key.ts'
import { createBudget } from './budgets.ts'
import { type CallCost, compileCost } from './call-cost.ts'
import { quotePolicy } from './limit-fields.ts'
import type { Amount, LimitOptions, LimitRule } from './options.ts'
import { Tallies, type Tally } from './tally.ts'
import { Throttle } from './throttle.ts'

/** A limit for one operation. */
export interface CompiledRule {
  readonly name: string
  readonly api: string
  readonly phase: 'head' | 'input'
  readonly key: BudgetKey
  readonly cost: CallCost
  /** The amount, and those of the tiers behind it. */
  readonly budgets: readonly [Budget, ...Budget[]]
  /** Index of a call's budget; undefined where there is one. */
  readonly tierOf: ((call: Call, scene: Scene) => number) | undefined
  /** 0: never locked. */
  readonly lockMs: number
  readonly failures: ReadonlySet<number> | undefined
  /** Set where calls wait for their turn instead of taking from a budget. */
  readonly throttle: Throttle | undefined
  readonly watching: boolean
  readonly failsOpen: boolean
  readonly tally: Tally
}

/** Throttles are shared by the operations of a rule: one queue for one budget. */
export type Throttles = Map<LimitRule, Throttle>

/** Compiles one rule for one operation. Throws `Unusable`. */
export function compileRule(
  rule: LimitRule,
  operation: Operation,
  options: LimitOptions,
  throttles: Throttles,
): CompiledRule {
  const quoted = quotePolicy(rule.name)
  const wrong = quoted === undefined ? 'its name must be printable ASCII' : wrongWith(rule)
  if (wrong !== undefined || quoted === undefined)
    throw new Unusable([
      {
        rule: 'config.invalid',
        severity: 'error',
        message: `limit "${rule.name}": ${wrong}`,
        place: rule.place,
      },
    ])
  const { tallies = new Tallies(), credentialFields = ['authorization'] } = options
  const stores = rule.onFault === 'local' ? options.stores : (options.strictStores ?? options.stores)
  const key = compileBudgetKey(rule, operation, credentialFields)
  const cost = compileCost(rule.cost, operation)
  const tiers = (rule.tiers ?? []).map((tier) => {
    const expression = compileExpression(tier.when, {
      place: tier.place,
      variables: variablesOf(operation),
      expects: 'bool',
    })
    return { expression, budget: createBudget(stores, quoted, tier.amount) }
  })
  const late =
    key.phase === 'input' ||
    cost.phase === 'input' ||
    tiers.some(({ expression }) => phaseOf(expression) !== 'head')
  const budgets: [Budget, ...Budget[]] = [
    createBudget(stores, quoted, rule.amount),
    ...tiers.map((tier) => tier.budget),
  ]
  let throttle: Throttle | undefined
  if (rule.amount.kind === 'throttle') {
    throttle = throttles.get(rule) ?? new Throttle(rule.amount, options.clock)
    throttles.set(rule, throttle)
  }
  return {
    name: rule.name,
    api: rule.api,
    phase: late ? 'input' : 'head',
    key,
    cost,
    budgets,
    tierOf:
      tiers.length === 0
        ? undefined
        : (call, scene) => tiers.findIndex(({ expression }) => expression.holds(call, scene)) + 1,
    lockMs: rule.lockMs ?? 0,
    failures: rule.failures === undefined ? undefined : new Set(rule.failures),
    throttle,
    watching: rule.mode === 'observe',
    failsOpen: rule.onFault === 'allow',
    tally: tallies.of(rule.api, rule.name),
  }
}

function wrongWith(rule: LimitRule): string | undefined {
  const { amount, tiers = [], cost, lockMs, failures } = rule
  const bad =
    wrongAmount(amount) ?? tiers.map((tier) => wrongAmount(tier.amount)).find((one) => one !== undefined)
  if (bad !== undefined) return bad
  if (tiers.some((tier) => scaleOf(tier.amount) !== scaleOf(amount)))
    return 'a tier must be of the same kind, window and period as the limit itself'
  if (amount.kind === 'concurrent' && cost !== undefined) return '"cost" says nothing of calls at once'
  if ((amount.kind === 'concurrent' || amount.kind === 'throttle') && (lockMs ?? 0) > 0)
    return '"lock" needs a rate, a window or a quota'
  if ((amount.kind === 'concurrent' || amount.kind === 'throttle') && failures !== undefined)
    return '"failures" needs a rate, a window or a quota'
  return undefined
}

function wrongAmount(amount: Amount): string | undefined {
  const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1
  switch (amount.kind) {
    case 'rate':
    case 'throttle':
      if (!isCount(amount.spec.rate)) return 'the rate must be a whole number of calls, at least 1'
      if (!isCount(amount.spec.burst)) return '"burst" must be a whole number of calls, at least 1'
      if (!Number.isFinite(amount.spec.windowMs) || amount.spec.windowMs <= 0)
        return 'the window must be longer than nothing'
      return amount.kind === 'throttle' && !isCount(amount.queue)
        ? '"queue" must be a whole number of calls, at least 1'
        : undefined
    case 'window':
      if (!isCount(amount.spec.windowMs)) return 'the window must be longer than nothing'
      return isCount(amount.spec.quota)
        ? undefined
        : 'the window must hold a whole number of calls, at least 1'
    case 'quota':
      return isCount(amount.spec.quota) ? undefined : 'the quota must be a whole number of calls, at least 1'
    case 'concurrent':
      return isCount(amount.most) ? undefined : '"concurrent" must be a whole number of calls, at least 1'
  }
}

/** What must be the same for two amounts to count one thing in two sizes. */
function scaleOf(amount: Amount): string {
  if (amount.kind === 'window') return `window ${amount.spec.windowMs}`
  return amount.kind === 'quota' ? `quota ${amount.spec.period}` : amount.kind
}
