import type { Finding } from '../kernel/finding.ts'
import { displayPath } from './display-path.ts'
import type { ReportOptions } from './report-options.ts'

/** `{ findings: [{ rule, severity, message, fix?, file?, line?, column?, pointer? }], summary: { error, warning, note } }`. */
export function renderJson(findings: readonly Finding[], options: ReportOptions): string {
  const count = (severity: string): number =>
    findings.filter((finding) => finding.severity === severity).length
  const report = {
    findings: findings.map(({ rule, severity, message, fix, place }) => ({
      rule,
      severity,
      message,
      fix,
      ...(place === undefined ? {} : { ...place, file: displayPath(place.file, options.base) }),
    })),
    summary: { error: count('error'), warning: count('warning'), note: count('note') },
  }
  return `${JSON.stringify(report, null, 2)}\n`
}
