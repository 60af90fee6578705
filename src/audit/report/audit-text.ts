import { displayPath } from '../../report/display-path.ts'
import { excerpt } from '../../report/excerpt.ts'
import { type Paint, paint } from '../../report/paint.ts'
import { printable } from '../../report/printable.ts'
import { renderTable } from '../../report/render-table.ts'
import { renderText } from '../../report/render-text.ts'
import type { AuditFinding } from '../audit-finding.ts'
import type { AuditReport } from '../audit-report.ts'
import { risks } from '../risk.ts'
import type { Level } from '../rule.ts'
import { secretIn } from '../secret-in.ts'
import { type AuditGroup, groupFindings } from './audit-groups.ts'

export interface AuditTextOptions {
  readonly colour?: boolean
  /** Every place of every rule. */
  readonly all?: boolean
}

/** Places that are shown of one rule. */
const shown: Readonly<Record<Level, number>> = { critical: 8, high: 4, medium: 2, low: 1, info: 0 }
const paints: Readonly<Record<Level, Paint>> = {
  critical: 'red',
  high: 'red',
  medium: 'yellow',
  low: 'cyan',
  info: 'dim',
}

/** One block a rule, worst first, with excerpts and the lines to write; then the score by risk. */
export function renderAuditText(report: AuditReport, options: AuditTextOptions = {}): string {
  const colour = options.colour === true
  const blocks = groupFindings(report.findings).map((group) => renderGroup(group, report, options))
  const rows = report.score.risks.map(({ risk, score, findings }) => [
    risk,
    risks[risk].title,
    score === undefined ? '–' : String(score),
    String(findings),
  ])
  const table = renderTable(['risk', '', 'score', 'findings'], rows, { colour })
  const remarks = report.remarks.length === 0 ? '' : `${renderText(report.remarks, { colour })}\n`
  const total = paint(`score ${report.score.total} of 100`, 'bold', colour)
  return `${blocks.join('')}${remarks}${table}\n${total}: ${displayPath(report.file)}, OpenAPI ${report.openapi}, ${report.operations} operations\n`
}

function renderGroup(
  { rule, level, findings }: AuditGroup,
  report: AuditReport,
  options: AuditTextOptions,
): string {
  const colour = options.colour === true
  const limit = options.all === true ? findings.length : shown[level]
  const count = findings.length === 1 ? '' : ` (${findings.length})`
  const lines = [
    `${paint(level, paints[level], colour)} ${rule.risk} ${paint(rule.title, 'bold', colour)} ${paint(`[${rule.id}]`, 'dim', colour)}${count}`,
  ]
  let fix = ''
  for (const finding of findings.slice(0, limit)) {
    lines.push(`  ${placeOf(finding)}: ${printable(finding.message)}`)
    for (const line of excerptOf(finding, report)) lines.push(`    ${paint(line, 'dim', colour)}`)
    if (finding.fix === undefined || finding.fix === fix) continue
    fix = finding.fix
    const [first = '', ...rest] = printable(fix).split('\n')
    lines.push(`    ${paint('fix:', 'green', colour)} ${first}`)
    for (const line of rest) lines.push(`    ${line}`)
  }
  const more = findings.length - limit
  if (more > 0 && limit > 0) lines.push(`  and ${more} more; --all shows them`)
  return `${lines.join('\n')}\n\n`
}

function placeOf({ place }: AuditFinding): string {
  return `${displayPath(place.file)}:${place.line ?? 1}:${place.column ?? 1}`
}

function excerptOf(finding: AuditFinding, report: AuditReport): readonly string[] {
  const { line, column } = finding.place
  if (finding.secret || line === undefined) return []
  const text = report.input.index(finding.source).lineText(line)
  // Another finding may stand in the line of a secret.
  if (secretIn(text) !== undefined) return []
  const number = String(line)
  return excerpt(text, 1, column ?? 1).map((row, i) =>
    i === 0 ? row.replace(/^1/, number) : `${' '.repeat(number.length - 1)}${row}`,
  )
}
