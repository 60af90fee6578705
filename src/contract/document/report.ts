import type { Finding, Severity } from '../../kernel/finding.ts'
import type { Source } from './read-source.ts'

const maxFindings = 200

/** Collects findings while a contract is read. */
export class Report {
  readonly findings: Finding[] = []
  /** Errors, those beyond the bound of the list among them. */
  errors = 0

  error(rule: string, message: string, source: Source, pointer: string, fix?: string): void {
    this.errors += 1
    this.#add('error', rule, message, source, pointer, fix)
  }

  warn(rule: string, message: string, source: Source, pointer: string, fix?: string): void {
    this.#add('warning', rule, message, source, pointer, fix)
  }

  note(rule: string, message: string, source: Source, pointer: string, fix?: string): void {
    this.#add('note', rule, message, source, pointer, fix)
  }

  #add(
    severity: Severity,
    rule: string,
    message: string,
    source: Source,
    pointer: string,
    fix: string | undefined,
  ): void {
    if (this.findings.length >= maxFindings && (severity !== 'error' || this.errors > maxFindings)) return
    const finding = { rule, severity, message, place: source.place(pointer) }
    this.findings.push(fix === undefined ? finding : { ...finding, fix })
  }
}

/** A document's own word in a message: short, on one line. */
export function quoted(word: string): string {
  const line = word.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '?')
  return `\`${line.length > 80 ? `${line.slice(0, 80)}…` : line}\``
}
