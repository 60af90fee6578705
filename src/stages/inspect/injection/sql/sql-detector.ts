import type { Detector } from '../detector.ts'
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
  'case',
  'from',
  'information_schema',
  'sys',
  'pg_',
  'sqlite',
  'all_',
  'user_',
  'dba_',
  'northwind',
  'tempdb',
  'msdb',
  'schema',
  'rdb$',
  'v$',
  'procedure',
  'outfile',
  'dumpfile',
  'infile',
  'truncate',
  'alter',
  'exec',
  'declare',
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
  'when',
  's',
  'd',
  'e',
  'between',
  'div',
  'mod',
]

/** Spellings that only one dialect has: MySQL's number before a bracket, PostgreSQL's casts. */
const odd = /^\s{0,4}\d{1,4}\.e[.(]|^\s{0,4}@{1,2}\w{1,40}\s{0,4}(?:--|\/\*|#)|\w\)?::(?:int|bool|boolean|text|jsonb?|regclass|varchar|numeric|bytea)\b/
const splitWord = /[a-z]\/\*[^*]{0,10}\*\/[a-z]/
const inlineComment = /\/\*[^*]{0,10}\*\//g

/** SQL injection: token grammar in the contexts a value can stand in, and statements anywhere. */
export const sqlDetector: Detector = {
  name: 'sql.grammar',
  class: 'sqli',
  needs: [hinge, sense],
  run(view) {
    const { lower, prose } = view
    let best = 0
    const first = tokenizeSql(lower, '', contextTokens)
    if (/^[fF]\($|^[fF]\([fF]\([fF]?|^f\(1=/.test(first) || odd.test(lower)) best = 0.75
    best = first.startsWith('s')
      ? Math.max(best, certain(strongest(first, afterQuote, 0), /^\s{0,8}"/.test(lower) ? '"' : '', lower))
      : strongest(first, bare, best)
    const opened = /^\(+(?=E)/.exec(first)
    if (opened !== null) best = strongest(first.slice(opened[0].length), bare, best)
    if (splitWord.test(lower)) best = Math.max(best, sqlDetector.run({ ...view, lower: lower.replace(inlineComment, '') }))
    if (prose) best *= 0.72
    for (const quote of quotes) {
      if (best >= 0.9) break
      const tokens = tokenizeSql(lower, quote, contextTokens)
      if (tokens.length > 1) best = Math.max(best, certain(strongest(tokens, afterQuote, 0), quote, lower))
    }
    if (best >= 0.9) return best
    if (prose) best *= 0.75
    const flat = tokenizeSql(lower, '', islandTokens, true)
    for (const rule of islands) {
      const confidence = prose ? rule.prose : rule.confidence
      if (confidence > best && rule.shape.test(flat)) best = confidence
    }
    return best
  },
}

/** Double quotes are also inches and emphasis: what is not sure after `'` is less so after `"`. */
function certain(confidence: number, quote: SqlContext, lower: string): number {
  if (quote === '`') return confidence >= 0.85 ? confidence : confidence * 0.8
  if (quote !== '"' || confidence >= 0.85) return confidence
  if (/\w"[a-z]|"\s{0,2}(?:#|--)\s{0,2}$|""/.test(lower)) return confidence
  const odd = /["'][^\w\s]|\W["'](?:$|\W)|--|#/.test(lower) && !/\w"(?:\s|$|&)/.test(lower)
  return odd ? confidence : confidence * 0.8
}

function strongest(tokens: string, rules: readonly SqlRule[], least: number): number {
  const folded = foldSql(tokens)
  let best = least
  for (const { shape, confidence } of rules) if (confidence > best && shape.test(folded)) best = confidence
  return best
}
