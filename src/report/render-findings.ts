import type { Finding } from '../kernel/finding.ts'
import { unreachable } from '../kernel/unreachable.ts'
import { inOrder } from './in-order.ts'
import { renderJson } from './render-json.ts'
import { renderJunit } from './render-junit.ts'
import { renderSarif } from './render-sarif.ts'
import { renderText } from './render-text.ts'

export const reportFormats = ['text', 'json', 'sarif', 'junit'] as const

export type ReportFormat = (typeof reportFormats)[number]

export interface ReportOptions {
  /** Escape sequences for colour; off by default. */
  readonly colour?: boolean
  /** Folder that file names are shown relative to; the working directory by default. */
  readonly base?: string
  /** Text of a file for excerpts; by default it is read from disk. */
  readonly source?: (file: string) => string | undefined
  /** Version of the tool, for SARIF. */
  readonly version?: string
}

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
