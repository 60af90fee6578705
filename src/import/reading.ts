import { LineCounter, parseDocument } from 'yaml'
import { type Finding, Unusable } from '../kernel/finding.ts'
import type { ImportNote } from './imported.ts'

export type Members = Readonly<Record<string, unknown>>

export function isRecord(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function member(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

export function textOf(value: unknown, key: string): string {
  const found = member(value, key)
  return typeof found === 'string' ? found : typeof found === 'number' ? String(found) : ''
}

export function listOf(value: unknown, key: string): readonly unknown[] {
  const found = member(value, key)
  return Array.isArray(found) ? found : []
}

export function textsOf(value: unknown, key: string): readonly string[] {
  const found = member(value, key)
  if (typeof found === 'string') return [found]
  return Array.isArray(found) ? found.filter((one) => typeof one === 'string') : []
}

export function numberOf(value: unknown, key: string): number | undefined {
  const found = member(value, key)
  return typeof found === 'number' && Number.isFinite(found) && found > 0 ? found : undefined
}

/** YAML or JSON; throws `Unusable` with line and column. */
export function parseTree(text: string, file: string): unknown {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false })
  const wrong = document.errors[0]
  if (wrong !== undefined) {
    const { line, col } = counter.linePos(wrong.pos[0])
    throw unusable(file, 'the file is neither YAML nor JSON', {
      line: Math.max(1, line),
      column: Math.max(1, col),
    })
  }
  return document.toJS({ maxAliasCount: 1000 })
}

export function unusable(
  file: string,
  message: string,
  place: { readonly line?: number; readonly column?: number } = {},
): Unusable {
  const finding: Finding = {
    rule: 'import.unreadable',
    severity: 'error',
    message,
    place: { file, ...place },
  }
  return new Unusable([finding])
}

/** Notes, each once. */
export class Notes {
  readonly list: ImportNote[] = []
  readonly #seen = new Set<string>()

  add(where: string, what: string, then: string): void {
    const key = `${where}\n${what}`
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    this.list.push({ where, what, then })
  }
}

/** A name that the configuration takes: letters, digits, `_`, `-`, beginning with a letter. */
export function nameOf(text: string, fallback: string): string {
  const name = text.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^[^A-Za-z]+|-+$/g, '')
  return name === '' ? fallback : name.slice(0, 64)
}
