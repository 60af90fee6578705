import { readFileSync, statSync } from 'node:fs'
import { LineCounter, parseDocument, visit } from 'yaml'
import { type Finding, Unusable } from '../kernel/finding.ts'
import { whyUnreadable } from '../kernel/unreadable-file.ts'
import { type Ignore, parseIgnore } from './ignores.ts'

const maxBytes = 4 * 1024 * 1024

/** Reads `ignore: [{ rule, at, reason, until }]`. Throws `Unusable` with the place of every mistake. */
export function readIgnoreFile(file: string): readonly Ignore[] {
  const counter = new LineCounter()
  const text = readBounded(file)
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false })
  const placeAt = (offset: number): NonNullable<Finding['place']> => {
    const { line, col } = counter.linePos(offset)
    return { file, line: Math.max(1, line), column: Math.max(1, col) }
  }
  const wrong = document.errors[0]
  if (wrong !== undefined)
    throw new Unusable([
      {
        rule: 'ignore-invalid',
        severity: 'error',
        message: 'the file is not YAML',
        place: placeAt(wrong.pos[0]),
      },
    ])
  let starts: readonly number[] = []
  visit(document, {
    Pair(_key, pair) {
      const value = pair.value as { items?: readonly { range?: readonly number[] }[] } | null
      if (String(pair.key) === 'ignore' && value?.items !== undefined && starts.length === 0)
        starts = value.items.map((item) => item.range?.[0] ?? 0)
    },
  })
  const value: unknown = document.toJS({ maxAliasCount: 0 })
  const list =
    typeof value === 'object' && value !== null ? (value as { ignore?: unknown }).ignore : undefined
  if (!Array.isArray(list))
    throw new Unusable([
      {
        rule: 'ignore-invalid',
        severity: 'error',
        message: 'the file has no list `ignore`',
        place: placeAt(0),
        fix: 'ignore:\n  - { rule: string-unrestricted, at: /components/schemas/Note, reason: free text, until: 2027-06-30 }',
      },
    ])
  const findings: Finding[] = []
  const ignores = list.flatMap((entry: unknown, i) => {
    const place = placeAt(starts[i] ?? 0)
    const ignore = parseIgnore(entry, place)
    if (typeof ignore !== 'string') return [ignore]
    findings.push({ rule: 'ignore-invalid', severity: 'error', message: ignore, place })
    return []
  })
  if (findings.length > 0) throw new Unusable(findings)
  return ignores
}

function readBounded(file: string): string {
  try {
    if (statSync(file).size > maxBytes) throw new Error('too large')
    return readFileSync(file, 'utf8')
  } catch (error) {
    const message = `the file ${whyUnreadable(error).reason}`
    throw new Unusable([{ rule: 'ignore-unreadable', severity: 'error', message, place: { file } }])
  }
}
