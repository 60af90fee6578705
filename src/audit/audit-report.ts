import type { Finding } from '../kernel/finding.ts'
import type { AuditFinding } from './audit-finding.ts'
import { type AuditInput, openAudit } from './audit-input.ts'
import type { Guarded } from './document/audited-document.ts'
import { type Ignore, sift, writtenIgnores } from './ignores.ts'
import type { AuditRun } from './run-audit.ts'
import { runAudit } from './run-audit.ts'
import { type Score, scoreOf } from './score.ts'

export interface AuditReportOptions {
  readonly file: string
  readonly guarded?: Guarded
  readonly ignores?: readonly Ignore[]
  /** Fingerprints of findings that are known. */
  readonly baseline?: ReadonlySet<string>
  /** `2026-11-24` */
  readonly today: string
}

/** An audit as it is told. */
export interface AuditReport {
  readonly file: string
  readonly openapi: string
  readonly operations: number
  readonly input: AuditInput
  readonly score: Score
  /** New ones: not ignored, not in the baseline. */
  readonly findings: readonly AuditFinding[]
  /** All that are not ignored. */
  readonly standing: readonly AuditFinding[]
  readonly ignored: readonly { readonly finding: AuditFinding; readonly ignore: Ignore }[]
  /** What is wrong with ignore entries, and with the audit itself. */
  readonly remarks: readonly Finding[]
  readonly known: number
}

/** Reads a contract, judges it, and takes out what is ignored or known. Throws `Unusable`. */
export function auditContract(options: AuditReportOptions): AuditReport {
  const input = openAudit(options.file)
  const run = runAudit(input, options.guarded === undefined ? {} : { guarded: options.guarded })
  const written = writtenIgnores(run.document)
  const sifted = sift(run.findings, [...(options.ignores ?? []), ...written.ignores], options.today)
  const findings = sifted.kept.filter(({ fingerprint }) => options.baseline?.has(fingerprint) !== true)
  return {
    file: options.file,
    openapi: run.document.version,
    operations: run.document.operations.filter(({ outbound }) => !outbound).length,
    input,
    score: scoreOf(sifted.kept, run.looked),
    findings,
    standing: sifted.kept,
    ignored: sifted.ignored,
    remarks: [...written.findings, ...sifted.remarks, ...limitsOf(run, options.file)],
    known: sifted.kept.length - findings.length,
  }
}

/** An audit that did not see everything says so, as an error: silence would be a false clean. */
function limitsOf(run: AuditRun, file: string): readonly Finding[] {
  const found: Finding[] = []
  if (run.skipped.length > 0)
    found.push({
      rule: 'audit-incomplete',
      severity: 'error',
      message: `the document took too long: ${run.skipped.length} rules were not run`,
      place: { file },
    })
  if (run.dropped > 0)
    found.push({
      rule: 'audit-incomplete',
      severity: 'warning',
      message: `${run.dropped} further findings are not listed`,
      place: { file },
    })
  return found
}
