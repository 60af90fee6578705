import type { Severity } from '../../kernel/finding.ts'

/** A kind of weakness. */
export interface ProbeRule {
  readonly id: string
  /** OWASP API Security Top 10 2023. */
  readonly risk: string
  readonly cwe: readonly number[]
  readonly severity: Severity
  /** `security-severity` as SARIF has it. */
  readonly grade: string
  readonly title: string
  /** How it is told apart from what only looks like it. */
  readonly how: string
  readonly remedy: string
}

/** A row of the tables of rules. */
export const rule = (
  id: string,
  risk: string,
  cwe: readonly number[],
  severity: Severity,
  grade: string,
  title: string,
  how: string,
  remedy: string,
): ProbeRule => ({ id, risk, cwe, severity, grade, title, how, remedy })
