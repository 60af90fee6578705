import type { PropertyConfig } from '../../config/types/security-config.ts'
import { nearest } from '../../config/yaml/nearest.ts'
import { type Finding, Unusable } from '../../kernel/finding.ts'
import type { PropertyRule } from '../../stages/authorize/options.ts'
import type { Policy, PolicyApi } from './policy.ts'

/** The property rules of one API. Throws `Unusable` for a property that the contract does not know. */
export function propertyRulesOf(policy: Pick<Policy, 'loaded'>, api: PolicyApi): readonly PropertyRule[] {
  const wrong: Finding[] = []
  const { place } = policy.loaded
  const rules = api.config.properties.flatMap((rule): PropertyRule[] => {
    const found = api.contract.property(rule.name)
    const complaint =
      found === undefined ? unknownSchema(rule, api) : found.declared ? undefined : undeclared(rule, found)
    if (complaint !== undefined) {
      wrong.push({ rule: 'config.property', severity: 'error', place: place(rule.pointer), ...complaint })
      return []
    }
    return [
      {
        name: rule.name,
        schema: found?.schema ?? '',
        read: rule.read,
        write: rule.write,
        operations: api.contract.uses(found?.schema ?? ''),
        place: place(rule.pointer),
        at: { read: place(`${rule.pointer}/read`), write: place(`${rule.pointer}/write`) },
        ...(rule.onRefused !== undefined && { onRefused: rule.onRefused }),
        ...(rule.mode !== undefined && { mode: rule.mode }),
      },
    ]
  })
  if (wrong.length > 0) throw new Unusable(wrong)
  return rules
}

type Complaint = Pick<Finding, 'message'> & Partial<Pick<Finding, 'fix'>>

function unknownSchema(rule: PropertyConfig, { contract }: PolicyApi): Complaint {
  const close = nearest(rule.name.slice(0, rule.name.indexOf('.')), contract.schemas)
  return {
    message: `the contract has no component schema for \`${rule.name}\``,
    ...(close !== undefined && { fix: `did you mean \`${close}\`?` }),
  }
}

/** What is never to be seen may be named though the contract does not declare it: a second lock does no harm. */
function undeclared(rule: PropertyConfig, found: { readonly schema: string }): Complaint | undefined {
  const conditions = [rule.read, rule.write].filter((one) => one !== undefined)
  if (conditions.every((one) => one.trim() === 'never')) return undefined
  return {
    message: `\`${found.schema}\` declares no property for \`${rule.name}\``,
    fix: 'correct the name, or write `never`',
  }
}
