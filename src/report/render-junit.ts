import type { Finding } from '../kernel/finding.ts'
import { displayPath } from './display-path.ts'
import { printable } from './printable.ts'
import type { ReportOptions } from './report-options.ts'

/** JUnit XML: a test case a finding; errors and warnings are failures, notes pass. */
export function renderJunit(findings: readonly Finding[], options: ReportOptions): string {
  const failures = findings.filter((finding) => finding.severity !== 'note').length
  const cases = findings.map((finding) => renderCase(finding, options))
  if (cases.length === 0) cases.push('    <testcase classname="sallyport" name="no findings"/>')
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${cases.length}" failures="${failures}">`,
    `  <testsuite name="sallyport" tests="${cases.length}" failures="${failures}" errors="0">`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function renderCase({ rule, severity, message, place, fix }: Finding, options: ReportOptions): string {
  const where =
    place === undefined
      ? ''
      : `${displayPath(place.file, options.base)}:${place.line ?? 1}:${place.column ?? 1}`
  const head = `    <testcase classname="${escapeXml(rule)}" name="${escapeXml(`${where} ${message}`.trim())}"`
  if (severity === 'note') return `${head}/>`
  const text = fix === undefined ? message : `${message}\nfix: ${fix}`
  return `${head}>\n      <failure type="${severity}" message="${escapeXml(message)}">${escapeXml(text)}</failure>\n    </testcase>`
}

const entities: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ['\n', '&#10;'],
])

function escapeXml(text: string): string {
  return printable(text).replace(/[&<>"\n]/g, (c) => entities.get(c) ?? c)
}
