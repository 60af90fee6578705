import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { applyEdits } from '../audit/apply-edits.ts'
import { type AuditReport, auditContract } from '../audit/audit-report.ts'
import { readBaseline, renderBaseline } from '../audit/baseline.ts'
import type { Guarded } from '../audit/document/audited-document.ts'
import { readIgnoreFile } from '../audit/ignore-file.ts'
import { type AuditFormat, auditFormats, renderAudit } from '../audit/report/render-audit.ts'
import { type Level, levels } from '../audit/rule.ts'
import { documentRule } from '../audit/rule-page.ts'
import { auditRules, ruleById } from '../audit/rules/all-rules.ts'
import { nearest } from '../config/yaml/nearest.ts'
import { displayPath } from '../report/display-path.ts'
import { summarize } from '../report/render-text.ts'
import { type Call, textOf, type Values } from './command.ts'
import { loadPolicy } from './load-policy.ts'
import { Misuse } from './misuse.ts'
import type { Terminal } from './terminal.ts'
import { version } from './version.ts'

/** Reports that may stand one after another. */
const joined: ReadonlySet<AuditFormat> = new Set(['text', 'lines', 'markdown'])
const ignoreFile = '.sallyport-audit.yaml'
const severities: ReadonlyMap<string, Level | 'none'> = new Map([
  ['error', 'high'],
  ['warning', 'medium'],
  ['note', 'info'],
  ['none', 'none'],
  ...levels.map((level) => [level, level] as const),
])

/** One run of `sallyport audit`; loaded when it is asked for. */
export async function auditOnce({ values, positionals, terminal }: Call): Promise<number> {
  const explained = textOf(values, 'explain')
  if (explained !== undefined) return explain(explained, terminal)
  if (positionals.length === 0) throw new Misuse('audit: write an OpenAPI document')
  const format = auditFormats.find((one) => one === textOf(values, 'format'))
  if (format === undefined) throw new Misuse(`audit: --format takes ${auditFormats.join(', ')}`)
  if (positionals.length > 1 && !joined.has(format))
    throw new Misuse(`audit: several documents make one report as ${[...joined].join(', ')} only`)
  const failing = severities.get(textOf(values, 'fail-on') ?? '')
  if (failing === undefined) throw new Misuse(`audit: --fail-on takes ${[...severities.keys()].join(', ')}`)
  const least = Number(textOf(values, 'min-score') ?? 0)
  if (!(least >= 0 && least <= 100)) throw new Misuse('audit: --min-score takes 0 to 100')
  const reports: AuditReport[] = []
  for (const file of positionals) {
    let report = await reportOf(file, values, terminal)
    if (values['fix'] === true) {
      writeFixes(report, terminal)
      report = await reportOf(file, values, terminal)
    }
    reports.push(report)
  }
  const out = textOf(values, 'out')
  const options = {
    colour: out === undefined && terminal.colourOut,
    all: values['all'] === true,
    version: version(),
  }
  const text = reports.map((report) => renderAudit(report, format, options)).join('')
  if (out === undefined) terminal.out(text)
  else writeFileSync(out, text)
  const baseline = textOf(values, 'write-baseline')
  if (baseline !== undefined)
    writeFileSync(baseline, renderBaseline(reports.flatMap(({ standing }) => standing)))
  for (const report of reports) terminal.err(`sallyport: ${closing(report)}\n`)
  return reports.some((report) => failed(report, failing) || report.score.total < least) ? 1 : 0
}

async function reportOf(file: string, values: Values, terminal: Terminal): Promise<AuditReport> {
  const config = textOf(values, 'config')
  const beside = join(dirname(file), ignoreFile)
  const ignore = textOf(values, 'ignore') ?? (existsSync(beside) ? beside : undefined)
  const baseline = textOf(values, 'baseline')
  return auditContract({
    file,
    today: new Date().toISOString().slice(0, 10),
    ...(config === undefined ? {} : { guarded: await guardedBy(config, terminal) }),
    ...(ignore === undefined ? {} : { ignores: readIgnoreFile(ignore) }),
    ...(baseline === undefined ? {} : { baseline: readBaseline(baseline) }),
  })
}

/** What a policy guards, by operation. */
async function guardedBy(config: string, terminal: Terminal): Promise<Guarded> {
  const policy = await loadPolicy(config, terminal)
  const { rows } = policy.coverage()
  return new Map(
    rows.map(({ method, template, cells }) => {
      const controls = Object.entries(cells)
        .filter(([, { state }]) => state === 'guarded' || state === 'watched')
        .map(([control]) => control)
      return [`${method} ${template}`, new Set(controls)] as const
    }),
  )
}

function failed({ findings, remarks }: AuditReport, failing: Level | 'none'): boolean {
  if (failing === 'none') return false
  const bar = levels.indexOf(failing)
  const heavy =
    failing === 'critical' || failing === 'high'
      ? ['error']
      : failing === 'medium'
        ? ['error', 'warning']
        : ['error', 'warning', 'note']
  return (
    findings.some(({ level }) => levels.indexOf(level) <= bar) ||
    remarks.some(({ severity }) => heavy.includes(severity))
  )
}

function closing(report: AuditReport): string {
  const parts = [
    summarize([...report.findings, ...report.remarks]) || 'nothing to report',
    `score ${report.score.total}`,
  ]
  if (report.known > 0) parts.push(`${report.known} in the baseline`)
  if (report.ignored.length > 0) parts.push(`${report.ignored.length} ignored`)
  return parts.join(', ')
}

/** Safe edits, file by file. */
function writeFixes({ standing, input }: AuditReport, terminal: Terminal): void {
  const files = new Map(
    standing.flatMap(({ repair, source }) => (repair?.safe === true ? [[source, source] as const] : [])),
  )
  let applied = 0
  let refused = 0
  for (const source of files.keys()) {
    const path = input.path(source)
    if (path === undefined) continue
    const edits = standing
      .flatMap(({ repair }) => (repair?.safe === true ? (repair.edits ?? []) : []))
      .filter(({ at }) => at.source === source)
    const edited = applyEdits(input.index(source).text, edits)
    applied += edited.applied
    refused += edited.refused
    if (edited.applied === 0) continue
    const mark = readFileSync(path).subarray(0, 3).equals(byteOrderMark) ? '\uFEFF' : ''
    writeFileSync(path, mark + edited.text)
    terminal.err(`sallyport: wrote ${displayPath(path)}\n`)
  }
  terminal.err(`sallyport: ${applied} changes written${refused === 0 ? '' : `, ${refused} left to you`}\n`)
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

function explain(id: string, terminal: Terminal): number {
  const rule = ruleById(id)
  if (rule === undefined) {
    const close = nearest(
      id,
      auditRules.map((one) => one.id),
    )
    throw new Misuse(
      `audit: there is no such rule${close === undefined ? '' : `, did you mean \`${close}\`?`}`,
    )
  }
  terminal.out(documentRule(rule))
  return 0
}
