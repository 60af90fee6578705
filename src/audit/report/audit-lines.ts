import { displayPath } from '../../report/display-path.ts'
import { printable } from '../../report/printable.ts'
import type { AuditReport } from '../audit-report.ts'

/** `file:line:column: severity: message [rule]`, one line a finding, as problem matchers read it. */
export function renderAuditLines(report: AuditReport): string {
  return [...report.findings, ...report.remarks]
    .map(({ rule, severity, message, place }) => {
      const where = `${displayPath(place?.file ?? report.file)}:${place?.line ?? 1}:${place?.column ?? 1}`
      return `${printable(`${where}: ${severity}: ${message}`).replaceAll('\n', ' ')} [${rule}]\n`
    })
    .join('')
}
