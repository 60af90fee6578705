import { unreachable } from '../../kernel/unreachable.ts'
import { renderJunit } from '../../report/render-junit.ts'
import { renderSarif } from '../../report/render-sarif.ts'
import type { RuleDescription } from '../../report/report-options.ts'
import type { AuditReport } from '../audit-report.ts'
import { risks } from '../risk.ts'
import type { Level } from '../rule.ts'
import { auditRules } from '../rules/all-rules.ts'
import { renderAuditJson } from './audit-json.ts'
import { renderAuditLines } from './audit-lines.ts'
import { renderAuditMarkdown } from './audit-markdown.ts'
import { type AuditTextOptions, renderAuditText } from './audit-text.ts'

export const auditFormats = ['text', 'lines', 'json', 'sarif', 'junit', 'markdown'] as const

export type AuditFormat = (typeof auditFormats)[number]

export interface RenderAuditOptions extends AuditTextOptions {
  readonly version: string
}

/** An audit as a report. The same contract gives the same bytes. */
export function renderAudit(report: AuditReport, format: AuditFormat, options: RenderAuditOptions): string {
  const findings = [...report.findings, ...report.remarks]
  switch (format) {
    case 'text':
      return renderAuditText(report, options)
    case 'lines':
      return renderAuditLines(report)
    case 'json':
      return renderAuditJson(report)
    case 'sarif': {
      const prints = new Map<object, string>(report.findings.map((one) => [one, one.fingerprint]))
      return renderSarif(findings, {
        version: options.version,
        rules: descriptions(),
        fingerprint: (finding) => prints.get(finding),
      })
    }
    case 'junit':
      return renderJunit(findings, {})
    case 'markdown':
      return renderAuditMarkdown(report)
    default:
      return unreachable(format)
  }
}

/** What code scanning shows: 0.0–10.0, as CVSS. */
const grades: Readonly<Record<Level, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '3.0',
  info: '0.0',
}

function descriptions(): ReadonlyMap<string, RuleDescription> {
  return new Map(
    auditRules.map((rule) => [
      rule.id,
      {
        title: rule.title,
        text: rule.rationale,
        help: `${rule.rationale} ${rule.remedy}`,
        helpUri: risks[rule.risk].link,
        tags: ['security', `OWASP-${rule.risk}:2023`, ...rule.cwe.map((id) => `external/cwe/cwe-${id}`)],
        grade: grades[rule.level],
      },
    ]),
  )
}
