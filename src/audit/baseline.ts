import { readFileSync, statSync } from 'node:fs'
import { Unusable } from '../kernel/finding.ts'
import { whyUnreadable } from '../kernel/unreadable-file.ts'
import type { AuditFinding } from './audit-finding.ts'

const maxBytes = 64 * 1024 * 1024

/** The findings of today as a file: whoever adopts the audit late is told of new ones only. Deterministic. */
export function renderBaseline(findings: readonly AuditFinding[]): string {
  const rows = findings
    .map(({ rule, place, fingerprint }) => ({ rule, pointer: place.pointer, fingerprint }))
    .sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : a.fingerprint > b.fingerprint ? 1 : 0))
  return `${JSON.stringify({ version: 1, findings: rows }, null, 1)}\n`
}

/** Fingerprints of a baseline. Throws `Unusable`. */
export function readBaseline(file: string): ReadonlySet<string> {
  let value: unknown
  try {
    if (statSync(file).size > maxBytes) throw new Error('too large')
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    const isJson = !(error instanceof SyntaxError)
    throw unusable(file, `the baseline ${isJson ? whyUnreadable(error).reason : 'is not JSON'}`)
  }
  const { version, findings } = (value ?? {}) as { version?: unknown; findings?: unknown }
  if (version !== 1 || !Array.isArray(findings))
    throw unusable(file, 'the file is no baseline of this version')
  return new Set(
    findings.flatMap((row: unknown) => {
      const print = (row as { fingerprint?: unknown } | null)?.fingerprint
      return typeof print === 'string' ? [print] : []
    }),
  )
}

function unusable(file: string, message: string): Unusable {
  return new Unusable([
    {
      rule: 'baseline-unreadable',
      severity: 'error',
      message,
      place: { file },
      fix: 'write one with `--write-baseline`',
    },
  ])
}
