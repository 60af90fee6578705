import type { AuditFinding } from './audit-finding.ts'
import { type Risk, riskNames } from './risk.ts'
import type { Level } from './rule.ts'
import type { Looked } from './run-audit.ts'

/** What one risk got: 0–100, undefined where no rule had anything to look at. */
export interface RiskScore {
  readonly risk: Risk
  readonly score: number | undefined
  readonly findings: number
}

export interface Score {
  /** 0–100; the mean of the risks that were looked at, no better than its worst finding allows. */
  readonly total: number
  readonly risks: readonly RiskScore[]
}

const weights: Readonly<Record<Level, number>> = { critical: 10, high: 6, medium: 3, low: 1, info: 0 }
/** The best score of a risk, and of the whole, with a finding of that level. */
const caps: Readonly<Partial<Record<Level, readonly [risk: number, total: number]>>> = {
  critical: [40, 59],
  high: [70, 79],
}

/**
 * Each rule with something to look at has the weight of its level. One that finds nothing keeps it; one that finds
 * something loses three tenths of it at once and the rest by the share of what it looked at. So one open object among
 * a hundred counts, and a hundred missing lengths do not hide it.
 */
export function scoreOf(findings: readonly AuditFinding[], looked: readonly Looked[]): Score {
  const byRule = new Map<string, AuditFinding[]>()
  for (const finding of findings) {
    const list = byRule.get(finding.rule)
    if (list === undefined) byRule.set(finding.rule, [finding])
    else list.push(finding)
  }
  const risks = riskNames.map((risk): RiskScore => {
    let whole = 0
    let lost = 0
    let worst = 100
    let count = 0
    for (const { rule, subjects } of looked) {
      if (rule.risk !== risk || subjects === 0) continue
      const found = byRule.get(rule.id) ?? []
      count += found.length
      whole += weights[rule.level]
      for (const { level } of found) worst = Math.min(worst, caps[level]?.[0] ?? 100)
      const heaviest = Math.max(0, ...levelsOf(found).map((level) => weights[level]))
      if (heaviest === 0) continue
      const share = Math.min(1, found.length / subjects)
      lost += Math.min(weights[rule.level], heaviest) * (0.3 + 0.7 * share)
    }
    const score = whole === 0 ? undefined : Math.min(worst, Math.round(100 * (1 - lost / whole)))
    return { risk, score, findings: count }
  })
  const scored = risks.flatMap(({ score }) => (score === undefined ? [] : [score]))
  const mean = scored.length === 0 ? 100 : scored.reduce((sum, one) => sum + one, 0) / scored.length
  const cap = Math.min(100, ...levelsOf(findings).map((level) => caps[level]?.[1] ?? 100))
  return { total: Math.min(cap, Math.round(mean)), risks }
}

function levelsOf(findings: readonly AuditFinding[]): readonly Level[] {
  return [...new Set(findings.map(({ level }) => level))]
}
