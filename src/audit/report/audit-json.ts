import { displayPath } from '../../report/display-path.ts'
import type { AuditFinding } from '../audit-finding.ts'
import type { AuditReport } from '../audit-report.ts'
import { risks } from '../risk.ts'
import { levels } from '../rule.ts'
import { ruleById } from '../rules/all-rules.ts'

/** The audit as JSON; keys as in other reports, and score, level, risk, fingerprint. */
export function renderAuditJson(report: AuditReport): string {
  const count = (pick: (finding: AuditFinding) => boolean): number => report.findings.filter(pick).length
  const severities = ['error', 'warning', 'note'] as const
  const value = {
    file: displayPath(report.file),
    openapi: report.openapi,
    operations: report.operations,
    score: {
      total: report.score.total,
      risks: Object.fromEntries(
        report.score.risks.map(({ risk, score, findings }) => [
          risk,
          { title: risks[risk].title, score: score ?? null, findings },
        ]),
      ),
    },
    summary: {
      ...Object.fromEntries(severities.map((one) => [one, count(({ severity }) => severity === one)])),
      levels: Object.fromEntries(levels.map((one) => [one, count(({ level }) => level === one)])),
      ignored: report.ignored.length,
      baseline: report.known,
    },
    findings: report.findings.map(rowOf),
    ignored: report.ignored.map(({ finding, ignore }) => ({
      rule: finding.rule,
      pointer: finding.place.pointer,
      reason: ignore.reason,
      until: ignore.until,
    })),
    remarks: report.remarks.map(({ rule, severity, message, fix, place }) => ({
      rule,
      severity,
      message,
      fix,
      ...(place === undefined
        ? {}
        : { file: displayPath(place.file), line: place.line, column: place.column, pointer: place.pointer }),
    })),
  }
  return `${JSON.stringify(value, null, 2)}\n`
}

function rowOf({
  rule,
  severity,
  level,
  risk,
  message,
  fix,
  place,
  fingerprint,
  repair,
}: AuditFinding): object {
  return {
    rule,
    severity,
    level,
    risk,
    cwe: ruleById(rule)?.cwe ?? [],
    message,
    fix,
    safeFix: repair?.safe === true,
    ...place,
    file: displayPath(place.file),
    fingerprint,
  }
}
