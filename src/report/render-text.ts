import { readFileSync } from 'node:fs'
import type { Finding, Severity } from '../kernel/finding.ts'
import { displayPath } from './display-path.ts'
import { excerpt } from './excerpt.ts'
import { paint } from './paint.ts'
import { printable } from './printable.ts'
import type { ReportOptions } from './report-options.ts'

const colours: Readonly<Record<Severity, 'red' | 'yellow' | 'cyan'>> = {
  error: 'red',
  warning: 'yellow',
  note: 'cyan',
}

/** `file:line:column: severity: message [rule]`, the line itself with a caret, and what to write. */
export function renderText(findings: readonly Finding[], options: ReportOptions): string {
  const colour = options.colour === true
  const source = options.source ?? cachedSource()
  const lines: string[] = []
  for (const { rule, severity, message, place, fix } of findings) {
    const where = place === undefined ? '' : `${locate(place, options.base)}: `
    const label = paint(severity, colours[severity], colour)
    lines.push(
      `${paint(printable(where), 'bold', colour)}${label}: ${printable(message)} ${paint(`[${rule}]`, 'dim', colour)}`,
    )
    const text = place?.line === undefined ? undefined : source(place.file)
    if (text !== undefined && place?.line !== undefined)
      for (const line of excerpt(text, place.line, place.column ?? 1))
        lines.push(`  ${paint(line, 'dim', colour)}`)
    if (fix !== undefined) lines.push(`  ${paint('fix:', 'green', colour)} ${printable(fix)}`)
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

/** `3 errors, 1 warning`; empty where there is nothing. */
export function summarize(findings: readonly Finding[]): string {
  return (['error', 'warning', 'note'] as const)
    .map(
      (severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const,
    )
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}${count === 1 ? '' : 's'}`)
    .join(', ')
}

function locate(place: NonNullable<Finding['place']>, base: string | undefined): string {
  const path = displayPath(place.file, base)
  return place.line === undefined ? path : `${path}:${place.line}:${place.column ?? 1}`
}

function cachedSource(): (file: string) => string | undefined {
  const texts = new Map<string, string | undefined>()
  return (file) => {
    if (!texts.has(file)) {
      try {
        texts.set(file, readFileSync(file, 'utf8'))
      } catch {
        texts.set(file, undefined)
      }
    }
    return texts.get(file)
  }
}
