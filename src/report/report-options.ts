import type { Finding } from '../kernel/finding.ts'

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
  /** What rules are about, by id, for SARIF; a rule that is not there is described by its id. */
  readonly rules?: ReadonlyMap<string, RuleDescription>
  /** Fingerprint of a finding, for SARIF; where there is none it is made from rule, place and message. */
  readonly fingerprint?: (finding: Finding) => string | undefined
}

/** A rule as SARIF tells it. */
export interface RuleDescription {
  readonly title: string
  readonly text: string
  readonly help: string
  readonly helpUri: string
  readonly tags: readonly string[]
  /** `security-severity`: 0.0–10.0. */
  readonly grade: string
}
