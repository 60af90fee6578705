import { displayPath } from '../../report/display-path.ts'
import { printable } from '../../report/printable.ts'
import type { AuditReport } from '../audit-report.ts'
import { risks } from '../risk.ts'
import { groupFindings } from './audit-groups.ts'

const maxPlaces = 5

/** The audit as Markdown, for a comment on a change or a wiki. */
export function renderAuditMarkdown(report: AuditReport): string {
  const groups = groupFindings(report.findings)
  const lines = [
    `# Audit of ${cell(displayPath(report.file))}`,
    '',
    `Score **${report.score.total}** of 100. OpenAPI ${report.openapi}, ${report.operations} operations, ${report.findings.length} findings, ${report.known} known, ${report.ignored.length} ignored.`,
    '',
    '| risk | | score | findings |',
    '|---|---|--:|--:|',
    ...report.score.risks.map(
      ({ risk, score, findings }) =>
        `| [${risk}](${risks[risk].link}) | ${risks[risk].title} | ${score ?? '–'} | ${findings} |`,
    ),
    '',
  ]
  for (const { rule, level, findings } of groups) {
    lines.push(
      `## ${level}: ${rule.title}`,
      '',
      `\`${rule.id}\`, ${rule.risk}, ${rule.cwe.map((id) => `CWE-${id}`).join(', ')}. ${rule.rationale}`,
      '',
    )
    for (const { place, message } of findings.slice(0, maxPlaces))
      lines.push(`- ${cell(displayPath(place.file))}:${place.line ?? 1}: ${cell(message)}`)
    if (findings.length > maxPlaces) lines.push(`- and ${findings.length - maxPlaces} more`)
    const fix = findings[0]?.fix
    if (fix !== undefined) lines.push('', ...fenced(printable(fix)))
    lines.push('')
  }
  for (const { rule, message } of report.remarks) lines.push(`- \`${rule}\`: ${cell(message)}`)
  return `${lines.join('\n').trimEnd()}\n`
}

/** A text of the contract that starts no markup. */
function cell(text: string): string {
  return printable(text)
    .replaceAll('\n', ' ')
    .replaceAll(/[\\<>|[\]*_]/g, (mark) => `\\${mark}`)
}

function fenced(text: string): readonly string[] {
  const [first = '', ...rest] = text.split('\n')
  if (rest.length === 0) return [cell(first)]
  const body = rest.map((line) => line.replace(/^ {4}/, ''))
  const fence = body.some((line) => line.includes('```')) ? '~~~~' : '```'
  return [cell(first), '', `${fence}yaml`, ...body, fence]
}
