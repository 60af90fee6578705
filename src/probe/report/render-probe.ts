import { unreachable } from '../../kernel/unreachable.ts'
import { renderJunit } from '../../report/render-junit.ts'
import { renderSarif } from '../../report/render-sarif.ts'
import type { RuleDescription } from '../../report/report-options.ts'
import type { ProbeReport } from '../probe-report.ts'
import { probeRules } from '../probe-rules.ts'
import { renderProbeJson } from './probe-json.ts'
import { renderProbeMarkdown } from './probe-markdown.ts'
import { renderProbeText } from './probe-text.ts'

export const probeFormats = ['text', 'json', 'sarif', 'junit', 'markdown'] as const

export type ProbeFormat = (typeof probeFormats)[number]

export interface RenderProbeOptions {
  readonly colour: boolean
  readonly version: string
}

/** A run of the probe as a report. */
export function renderProbe(report: ProbeReport, format: ProbeFormat, options: RenderProbeOptions): string {
  switch (format) {
    case 'text':
      return renderProbeText(report, options.colour)
    case 'json':
      return renderProbeJson(report)
    case 'sarif': {
      const prints = new Map<object, string>(report.findings.map((one) => [one, one.id]))
      return renderSarif(report.findings, {
        version: options.version,
        rules: descriptions(),
        fingerprint: (finding) => prints.get(finding),
      })
    }
    case 'junit':
      return renderJunit(report.findings, {})
    case 'markdown':
      return renderProbeMarkdown(report)
    default:
      return unreachable(format)
  }
}

function descriptions(): ReadonlyMap<string, RuleDescription> {
  return new Map(
    [...probeRules.values()].map((rule) => [
      rule.id,
      {
        title: rule.title,
        text: rule.how,
        help: `${rule.how} ${rule.remedy}`,
        helpUri: 'https://owasp.org/API-Security/editions/2023/en/0x11-t10/',
        tags: ['security', `OWASP-${rule.risk}:2023`, ...rule.cwe.map((id) => `external/cwe/cwe-${id}`)],
        grade: rule.grade,
      },
    ]),
  )
}
