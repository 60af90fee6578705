export type Severity = 'error' | 'warning' | 'note'

/** A place in a file the user wrote. Lines and columns count from 1. */
export interface Place {
  readonly file: string
  readonly line?: number
  readonly column?: number
  /** One past the last character, where it is known. */
  readonly endLine?: number
  readonly endColumn?: number
  /** JSON pointer inside the document. */
  readonly pointer?: string
}

/** Something to tell the operator about a configuration or a contract. Holds no secret. */
export interface Finding {
  /** Stable rule id: `config.unknown-key`, `open-door.public-operation`. */
  readonly rule: string
  readonly severity: Severity
  readonly message: string
  readonly place?: Place
  /** What to write instead, where it is known. */
  readonly fix?: string
}

/** Thrown by everything that reads a user's file and cannot go on. */
export class Unusable extends Error {
  readonly findings: readonly Finding[]

  constructor(findings: readonly Finding[]) {
    super(findings.map((f) => f.message).join('\n'))
    this.name = 'Unusable'
    this.findings = findings
  }
}
