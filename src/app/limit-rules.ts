import type { LimitRule } from '../stages/limit/options.ts'
import type { PolicyApi, Selecting } from './policy.ts'

/** The limits of one API. A rule is named after what it is for, with a number where that is not unique. */
export function limitRulesOf(policy: Selecting, api: PolicyApi): readonly LimitRule[] {
  const used = new Map<string, number>()
  return api.config.limits.map((rule) => ({
    name: policyName(rule.for, used),
    api: api.config.name,
    operations: policy.select(api, rule.for, `${rule.pointer}/for`).map((operation) => operation.slot),
    per: rule.per,
    rate: rule.rate,
    mode: api.config.controls.limit,
    place: policy.loaded.place(rule.pointer),
  }))
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
