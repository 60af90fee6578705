import { displayPath } from '../../report/display-path.ts'
import type { ProbeReport } from '../probe-report.ts'
import { ruleOf } from '../probe-rules.ts'
import { asCurl } from './as-curl.ts'

/** The run as JSON: findings with every step of their evidence. */
export function renderProbeJson(report: ProbeReport): string {
  const { findings, left, ...about } = report
  const count = (severity: string): number => findings.filter((one) => one.severity === severity).length
  const value = {
    ...about,
    summary: { error: count('error'), warning: count('warning'), note: count('note') },
    left,
    findings: findings.map((one) => {
      const rule = ruleOf(one.rule)
      return {
        id: one.id,
        rule: one.rule,
        title: rule.title,
        risk: rule.risk,
        cwe: rule.cwe,
        severity: one.severity,
        confidence: one.confidence,
        operation: one.operation,
        message: one.message,
        how: rule.how,
        remedy: rule.remedy,
        policy: one.policy,
        ...one.place,
        file: displayPath(one.place.file),
        evidence: one.evidence.map((step) => ({
          ...step,
          headers: Object.fromEntries(step.headers),
          curl: asCurl(report.target, step),
        })),
      }
    }),
  }
  return `${JSON.stringify(value, null, 2)}\n`
}
