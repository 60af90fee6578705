import { printable } from '../../report/printable.ts'
import type { ProbeReport } from '../probe-report.ts'
import { ruleOf } from '../probe-rules.ts'
import { asCurl } from './as-curl.ts'
import { closingLines } from './probe-text.ts'

/** The run as Markdown, for a comment on a change or a wiki. */
export function renderProbeMarkdown(report: ProbeReport): string {
  const lines = [
    `# Probe of ${cell(report.api)}`,
    '',
    ...closingLines(report).map((line) => `- ${cell(line)}`),
    '',
    '| | risk | finding | confidence |',
    '|---|---|---|---|',
    ...report.findings.map(
      (one) =>
        `| ${one.severity} | ${ruleOf(one.rule).risk} | ${cell(one.message)} \`${one.rule}\` | ${one.confidence} |`,
    ),
    '',
  ]
  for (const one of report.findings) {
    const rule = ruleOf(one.rule)
    lines.push(
      `## ${one.id}: ${cell(one.message)}`,
      '',
      `${rule.title}. ${rule.how} ${rule.risk}, ${rule.cwe.map((id) => `CWE-${id}`).join(', ')}.`,
      '',
      ...fenced(
        'sh',
        one.evidence.flatMap((step) => [`# ${step.step}: ${step.status}`, asCurl(report.target, step)]),
      ),
      '',
      'The line of `sallyport.yaml` that stops it:',
      '',
      ...fenced('yaml', [one.policy]),
      '',
    )
  }
  return `${lines.join('\n').trimEnd()}\n`
}

/** A text of the target that starts no markup. */
function cell(text: string): string {
  return printable(text)
    .replaceAll('\n', ' ')
    .replaceAll(/[\\<>|[\]*_`]/g, (mark) => `\\${mark}`)
}

function fenced(language: string, lines: readonly string[]): readonly string[] {
  const text = lines.map((line) => printable(line).replaceAll('\n', ' '))
  const fence = text.some((line) => line.includes('```')) ? '~~~~' : '```'
  return [`${fence}${language}`, ...text, fence]
}
