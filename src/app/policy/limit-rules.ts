import type { Config } from '../../config/config.ts'
import type { LimitAmounts, LimitConfig } from '../../config/types/limit-config.ts'
import { Unusable } from '../../kernel/finding.ts'
import type { Operation } from '../../kernel/operation.ts'
import type { Amount, LimitRule, Tier } from '../../stages/limit/options.ts'
import type { PolicyApi, Selecting } from './policy.ts'

const safe: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * The limits of one API. A rule is named after what it is for, with a number where that is not unique; one with several
 * amounts becomes as many rules, each with a name of its own.
 */
export function limitRulesOf(policy: Selecting, api: PolicyApi): readonly LimitRule[] {
  const used = new Map<string, number>()
  return api.config.limits.flatMap((rule) => {
    const name = rule.name ?? policyName(rule.for, used)
    const operations = operationsOf(policy, api, rule).map((operation) => operation.slot)
    return amountsOf(rule, rule).map(
      (amount, index): LimitRule => ({
        name: index === 0 ? name : `${name}-${amount.kind}`,
        api: api.config.name,
        operations,
        per: rule.per,
        amount,
        tiers: tiersOf(policy, rule, amount.kind),
        ...(rule.cost !== undefined &&
          amount.kind !== 'concurrent' && {
            cost: {
              calls: rule.cost.calls,
              ...(rule.cost.reply !== undefined && { replyBytes: rule.cost.reply }),
              place: policy.loaded.place(`${rule.pointer}/cost`),
            },
          }),
        ...(rule.lock !== undefined && counts(amount) && { lockMs: rule.lock }),
        ...(rule.failures !== undefined && { failures: rule.failures }),
        mode: rule.mode ?? api.config.controls.limit,
        onFault: rule.onFault,
        place: policy.loaded.place(rule.pointer),
      }),
    )
  })
}

function operationsOf(policy: Selecting, api: PolicyApi, rule: LimitConfig): readonly Operation[] {
  const selected = policy.select(api, rule.for, `${rule.pointer}/for`)
  const { methods } = rule
  if (methods === undefined) return selected
  const left = selected.filter(({ method }) => safe.has(method) === (methods === 'safe'))
  if (left.length > 0) return left
  throw new Unusable([
    {
      rule: 'config.limit-rule',
      severity: 'error',
      message: `none of the selected operations is ${methods}`,
      place: policy.loaded.place(`${rule.pointer}/methods`),
    },
  ])
}

function counts({ kind }: Amount): boolean {
  return kind !== 'concurrent' && kind !== 'throttle'
}

/** What is written in a limit or in a tier of one, in the order in which it is asked. */
function amountsOf(written: LimitAmounts, { queue, delay }: LimitConfig): readonly Amount[] {
  const { rate, window, quota, concurrent, throttle } = written
  return [
    ...(rate === undefined ? [] : [{ kind: 'rate' as const, spec: rate }]),
    ...(window === undefined ? [] : [{ kind: 'window' as const, spec: window }]),
    ...(quota === undefined ? [] : [{ kind: 'quota' as const, spec: quota }]),
    ...(concurrent === undefined ? [] : [{ kind: 'concurrent' as const, most: concurrent }]),
    ...(throttle === undefined
      ? []
      : [{ kind: 'throttle' as const, spec: throttle, queue: queue ?? throttle.rate, delayMs: delay }]),
  ]
}

function tiersOf(policy: Selecting, rule: LimitConfig, kind: Amount['kind']): readonly Tier[] {
  return rule.tiers.flatMap((tier) => {
    const amount = amountsOf(tier, rule).find((one) => one.kind === kind)
    return amount === undefined
      ? []
      : [{ when: tier.when, amount, place: policy.loaded.place(`${tier.pointer}/when`) }]
  })
}

/** `*` → `all`, `tag:admin` → `tag-admin`; the second `all` is `all-2`. */
function policyName(selectors: readonly string[], used: Map<string, number>): string {
  const words = selectors.map((selector) => (selector === '*' ? 'all' : selector)).join('-')
  const name =
    words
      .replace(/[^A-Za-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 40)
      .toLowerCase() || 'limit'
  const count = (used.get(name) ?? 0) + 1
  used.set(name, count)
  return count === 1 ? name : `${name}-${count}`
}

/** Fields that may hold what a caller shows of themselves. */
export function credentialFieldsOf({ keys }: Config): readonly string[] {
  return keys === undefined ? ['authorization'] : ['authorization', keys.header]
}
