import type { Finding } from '../kernel/finding.ts'
import { unreachable } from '../kernel/unreachable.ts'
import { inOrder } from './in-order.ts'
import { renderJson } from './render-json.ts'
import { renderJunit } from './render-junit.ts'
import { renderSarif } from './render-sarif.ts'
import { renderText } from './render-text.ts'
import type { ReportFormat, ReportOptions } from './report-options.ts'

/** Findings as a report. Deterministic: the same findings in any order give the same text. Ends with a newline. */
export function renderFindings(
  findings: readonly Finding[],
  format: ReportFormat,
  options: ReportOptions = {},
): string {
  const sorted = inOrder(findings)
  switch (format) {
    case 'text':
      return renderText(sorted, options)
    case 'json':
      return renderJson(sorted, options)
    case 'sarif':
      return renderSarif(sorted, options)
    case 'junit':
      return renderJunit(sorted, options)
    default:
      return unreachable(format)
  }
}
