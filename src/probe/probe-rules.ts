import { accessRules } from './rules/access-rules.ts'
import { inputRules } from './rules/input-rules.ts'
import type { ProbeRule } from './rules/probe-rule.ts'
import { tokenRules } from './rules/token-rules.ts'

export const probeRules: ReadonlyMap<string, ProbeRule> = new Map(
  [...accessRules, ...tokenRules, ...inputRules].map((one) => [one.id, one]),
)

/** Throws where there is no such rule: a mistake of ours. */
export function ruleOf(id: string): ProbeRule {
  const found = probeRules.get(id)
  if (found === undefined) throw new Error(`no rule ${id}`)
  return found
}
