import type { Detector } from '../detector.ts'
import { proseOf } from '../prose.ts'
import { foldSql } from './fold.ts'
import { afterQuote, bare, islands, type SqlRule } from './sql-grammar.ts'
import { type SqlContext, tokenizeSql } from './tokenize.ts'

/** Tokens that decide a context; an injection shows itself right after the place it breaks out of. */
const contextTokens = 64
const islandTokens = 20_000

const quotes: readonly SqlContext[] = ["'", '"', '`']

/** Something that ends a value or joins it with something else. */
const hinge = [
  "'",
  '"',
  '`',
  ';',
  '--',
  '#',
  '/*',
  '(',
  '=',
  'or',
  'and',
  '|',
  '&',
  'union',
  'select',
  'drop',
  'insert',
  'delete',
  'update',
  'create',
  'order',
  'group',
  '@@',
  'waitfor',
  'xp_',
  'having',
  'limit',
  'where',
]

/** Something that only SQL, or what looks like it, does next. */
const sense = [
  'or',
  'and',
  'union',
  'select',
  'from',
  'where',
  '--',
  '#',
  '/*',
  '=',
  '|',
  '&',
  ';',
  'sleep',
  'benchmark',
  'by',
  'having',
  'limit',
  'waitfor',
  'xp_',
  '@@',
  '(',
  '+',
  '*',
  '-',
  ',',
  'like',
  '<',
  '>',
  'in',
  'is',
  'outfile',
  'dumpfile',
  'infile',
  'minus',
  'intersect',
  'except',
  'delete',
  'drop',
  'xor',
  '^',
  'r',
  'between',
  'div',
  'mod',
]

/** SQL injection: token grammar in the contexts a value can stand in, and statements anywhere. */
export const sqlDetector: Detector = {
  name: 'sql.grammar',
  class: 'sqli',
  needs: [hinge, sense],
  run({ lower }) {
    let best = 0
    const first = tokenizeSql(lower, '', contextTokens)
    best = strongest(first, first.startsWith('s') ? afterQuote : bare, best)
    for (const quote of quotes) {
      if (best >= 0.9) return best
      const tokens = tokenizeSql(lower, quote, contextTokens)
      if (tokens.length > 1) best = strongest(tokens, afterQuote, best)
    }
    if (best >= 0.9) return best
    const flat = tokenizeSql(lower, '', islandTokens, true)
    const prose = proseOf(lower)
    for (const rule of islands) {
      const confidence = prose ? rule.prose : rule.confidence
      if (confidence > best && rule.shape.test(flat)) best = confidence
    }
    return best
  },
}

function strongest(tokens: string, rules: readonly SqlRule[], least: number): number {
  const folded = foldSql(tokens)
  let best = least
  for (const { shape, confidence } of rules) if (confidence > best && shape.test(folded)) best = confidence
  return best
}
