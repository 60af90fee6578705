// Writes docs/audit-figures.md: what the audit finds in the real documents of the third-party cases, and how it does
// on the cases of two linters. Times are of the machine it ran on.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { auditText } from '../src/audit/audit-input.ts'
import { type AuditReport, auditContract } from '../src/audit/audit-report.ts'
import { riskNames } from '../src/audit/risk.ts'
import { levels } from '../src/audit/rule.ts'
import { auditRules } from '../src/audit/rules/all-rules.ts'
import { runAudit } from '../src/audit/run-audit.ts'
import { checkovRules, spectralRules } from '../test/support/lint-rule-names.ts'

const cases = process.env['SALLYPORT_CASES'] ?? fileURLToPath(new URL('../../shared/cases', import.meta.url))
const page = fileURLToPath(new URL('../docs/audit-figures.md', import.meta.url))

interface Row {
  readonly rule: string
  readonly repo: string
  readonly path: string
  readonly format: string
  readonly document?: unknown
  readonly document_text?: string
  readonly document_file?: string
  readonly expected: { readonly finding?: boolean }
}

function rowsOf(suite: string): readonly Row[] {
  return readFileSync(join(cases, `${suite}.jsonl`), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}

interface Measured {
  readonly row: Row
  readonly bytes: number
  readonly ms: number
  readonly report: AuditReport
}

function measure(row: Row, folder: string): Measured {
  const text =
    typeof row.document === 'string'
      ? row.document
      : gunzipSync(readFileSync(join(cases, 'openapi/large', basename(row.document_file ?? '')))).toString()
  const file = join(folder, `document.${row.format}`)
  writeFileSync(file, text)
  const started = performance.now()
  const report = auditContract({ file, today: '2026-01-01' })
  return { row, bytes: text.length, ms: performance.now() - started, report }
}

function lintTable(name: string, suite: string, names: ReadonlyMap<string, string>): string {
  let found = 0
  let failing = 0
  let accepted = 0
  let passing = 0
  for (const row of rowsOf(suite)) {
    const { findings } = runAudit(auditText(row.document_text ?? JSON.stringify(row.document), 'case'))
    const hit = findings.some(({ rule }) => rule === names.get(row.rule))
    if (row.expected.finding === true) {
      failing += 1
      if (hit) found += 1
    } else {
      passing += 1
      if (!hit) accepted += 1
    }
  }
  return `| ${name} | ${names.size} | ${found} of ${failing} | ${accepted} of ${passing} |`
}

function write(measured: readonly Measured[]): string {
  const all = measured.flatMap(({ report }) => report.findings)
  const count = (list: typeof all, level: string): number => list.filter((one) => one.level === level).length
  const times = measured.map(({ ms }) => ms).sort((a, b) => a - b)
  const at = (share: number): string => (times[Math.floor((times.length - 1) * share)] ?? 0).toFixed(0)
  const errors = measured.filter(({ report }) =>
    report.findings.some(({ severity }) => severity === 'error'),
  ).length
  const documents = measured.map(
    ({ row, bytes, ms, report }) =>
      `| ${row.repo} ${basename(row.path)} | ${Math.round(bytes / 1024)} | ${report.operations} | ${levels.map((level) => count([...report.findings], level)).join(' | ')} | ${report.score.total} | ${ms.toFixed(0)} |`,
  )
  const rules = auditRules
    .map((rule) => ({
      rule,
      found: all.filter((one) => one.rule === rule.id),
      documents: measured.filter(({ report }) => report.findings.some((one) => one.rule === rule.id)).length,
    }))
    .filter(({ found }) => found.length > 0)
    .sort(
      (a, b) =>
        b.documents - a.documents || b.found.length - a.found.length || (a.rule.id < b.rule.id ? -1 : 1),
    )
  return `${[
    '# Figures of the audit',
    `Written by \`npm run audit-figures\` from the third-party cases (\`SALLYPORT_CASES\`). ${auditRules.length} rules; ${riskNames.map((risk) => `${risk} ${auditRules.filter((rule) => rule.risk === risk).length}`).join(', ')}.`,
    '## Cases of other linters',
    'A finding of our rule for the same thing (in the tests also: on the same path).',
    [
      '| cases | rules mapped | found | accepted |',
      '|---|--:|--:|--:|',
      lintTable('Stoplight’s OWASP ruleset', 'lint/spectral_owasp', spectralRules),
      lintTable('Checkov’s OpenAPI checks', 'lint/checkov_openapi', checkovRules),
    ].join('\n'),
    '## Real documents',
    `${measured.length} documents of vendors and projects: no crash, none without a finding, ${errors} with an error; ${all.length} findings, of them ${levels.map((level) => `${count(all, level)} ${level}`).join(', ')}. Time a document: median ${at(0.5)} ms, 95th percentile ${at(0.95)} ms, slowest ${at(1)} ms, on a shared machine of two cores.`,
    [
      '| document | KiB | operations | critical | high | medium | low | info | score | ms |',
      '|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|',
      ...documents,
    ].join('\n'),
    '## Rules by documents',
    [
      '| rule | level | documents | findings |',
      '|---|---|--:|--:|',
      ...rules.map(
        ({ rule, found, documents: n }) => `| \`${rule.id}\` | ${rule.level} | ${n} | ${found.length} |`,
      ),
    ].join('\n'),
  ].join('\n\n')}\n`
}

if (!existsSync(join(cases, 'openapi/openapi_docs.jsonl'))) {
  console.error('the third-party cases are not here: set SALLYPORT_CASES to their folder')
  process.exit(2)
}
const folder = mkdtempSync(join(tmpdir(), 'audit-figures-'))
const measured = rowsOf('openapi/openapi_docs')
  .map((row) => measure(row, folder))
  .sort((a, b) => (a.row.repo + a.row.path < b.row.repo + b.row.path ? -1 : 1))
writeFileSync(page, write(measured))
rmSync(folder, { recursive: true })
console.log(`wrote docs/audit-figures.md: ${measured.length} documents`)
