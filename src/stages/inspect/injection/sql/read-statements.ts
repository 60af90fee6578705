import { type Statement, statementShapes } from './statement-shapes.ts'
import { compileWordFilter } from './word-filter.ts'

const statements = new Map<string, Statement[]>()
for (const [word, rules] of statementShapes) statements.set(word, [...(statements.get(word) ?? []), ...rules])

const mayBegin = compileWordFilter(statements.keys())

const separator = /[;'"`)(]|\*\//g
const maxStarts = 24
/** What a statement is looked at: long enough for its head. */
const reach = 400
const blanks = /\s+|\/\*[^*]{0,40}\*\//g

/** How sure the statements at the start of a lower-case text, and after what closes what stood before, make us. */
export function readStatements(lower: string): number {
  const first = statementAt(lower, 0, -1)
  if (first > 0) return first
  separator.lastIndex = 0
  let best = 0
  for (
    let hit = separator.exec(lower), count = 0;
    hit !== null && count < maxStarts;
    hit = separator.exec(lower), count++
  ) {
    const one = statementAt(lower, hit.index + hit[0].length, hit.index)
    if (one > best) best = one
    if (best >= 0.88) return best
  }
  return best
}

/** A number alone, or a quote or bracket: what stands before the semicolon that ends a statement. */
const endsValue = /^\s{0,8}[+-]?[\d.]{0,20}\s{0,4}$|['"`)\]]\s{0,4}$/
const commented = /(?:--|#|\/\*)\s{0,4}$/

/** True where the semicolon at an index ends a statement that was broken out of. */
function isClosed(lower: string, at: number): boolean {
  if (lower.charCodeAt(at) !== 59) return false
  const before = at <= 40 ? lower.slice(0, at) : lower.slice(at - 8, at).replace(/^[\s\d.+-]+$/, 'x')
  return endsValue.test(before) || commented.test(lower.slice(-8))
}

function statementAt(lower: string, from: number, separatorAt: number): number {
  let at = from
  while (at < from + 40 && isSkipped(lower.charCodeAt(at))) at++
  let end = at
  while (end < at + 13 && isLetter(lower.charCodeAt(end))) end++
  if (!mayBegin(lower.charCodeAt(at), lower.charCodeAt(at + 1), end - at)) return 0
  const rules = statements.get(lower.slice(at, end))
  if (rules === undefined) return 0
  const text = lower.slice(at, at + reach).replace(blanks, ' ')
  const closed = separatorAt >= 0 && isClosed(lower, separatorAt)
  for (const rule of rules) {
    if (rule.after && !closed) continue
    if (rule.shape.test(text)) return from === 0 ? 0.76 : closed ? 0.88 : 0.8
  }
  return 0
}

/** Blanks, brackets, and what comments are made of. */
function isSkipped(unit: number): boolean {
  return unit <= 32 || (unit >= 40 && unit <= 42) || unit === 47
}

function isLetter(unit: number): boolean {
  return unit >= 97 && unit <= 122
}
