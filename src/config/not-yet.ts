import type { Finding } from '../kernel/finding.ts'
import { pointerToken, type YamlDocument } from './yaml/yaml-document.ts'

interface NotYet {
  /** JSON pointer; `*` is any one token. */
  readonly pattern: string
  readonly what: string
  /** The part of the plan that brings it. */
  readonly part: number
  /** Whether this value is meant; every value by default. */
  readonly when?: (value: unknown) => boolean
}

const mentions =
  (word: string) =>
  (value: unknown): boolean =>
    typeof value === 'string' && new RegExp(`\\b${word}\\b`).test(value)

/** What the schema reads and this version does not do: refused, never ignored. A part that brings it deletes its row. */
export const notYet: readonly NotYet[] = [
  {
    pattern: '/apis/*/functions/*/allow',
    what: 'an expression over the reply',
    part: 3,
    when: mentions('response'),
  },
  {
    pattern: '/apis/*/objects/*/id',
    what: 'an expression over the reply',
    part: 3,
    when: mentions('response'),
  },
]

/** One error for each thing written that is not supported yet, rule `config.not-supported`. */
export function findNotYet(root: unknown, document: YamlDocument): Finding[] {
  const found: Finding[] = []
  for (const row of notYet) {
    for (const [pointer, value] of select(root, row.pattern.slice(1).split('/'), '')) {
      if (row.when !== undefined && !row.when(value)) continue
      found.push({
        rule: 'config.not-supported',
        severity: 'error',
        message: `${row.what}: not yet supported in this version`,
        place: document.keyPlace(pointer),
        fix: 'remove it; it is refused rather than ignored',
      })
    }
  }
  return found
}

function* select(value: unknown, path: readonly string[], pointer: string): Generator<[string, unknown]> {
  const [token, ...rest] = path
  if (token === undefined) {
    yield [pointer, value]
    return
  }
  if (typeof value !== 'object' || value === null) return
  for (const [key, child] of Object.entries(value))
    if (token === '*' || token === key) yield* select(child, rest, `${pointer}/${pointerToken(key)}`)
}
