import type { AuditFinding } from '../audit-finding.ts'
import { riskNames } from '../risk.ts'
import { levels, type Rule } from '../rule.ts'
import { ruleById } from '../rules/all-rules.ts'

/** Findings of one rule at one level: one cause. */
export interface AuditGroup {
  readonly rule: Rule
  readonly level: Rule['level']
  readonly findings: readonly AuditFinding[]
}

/** By level, risk, rule. */
export function groupFindings(findings: readonly AuditFinding[]): readonly AuditGroup[] {
  const groups = new Map<string, AuditFinding[]>()
  for (const finding of findings) {
    const key = `${levels.indexOf(finding.level)} ${String(riskNames.indexOf(finding.risk)).padStart(2)} ${finding.rule}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [finding])
    else group.push(finding)
  }
  return [...groups.keys()].sort().flatMap((key) => {
    const list = groups.get(key) ?? []
    const [first] = list
    const rule = first === undefined ? undefined : ruleById(first.rule)
    return first === undefined || rule === undefined ? [] : [{ rule, level: first.level, findings: list }]
  })
}
