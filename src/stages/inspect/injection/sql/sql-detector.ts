import type { Detector, View } from '../detector.ts'
import { compileTokenSearch, type Search } from '../landmarks/search.ts'
import { foldSql } from './fold.ts'
import { isOdd } from './odd-spellings.ts'
import { readStatements } from './read-statements.ts'
import { afterQuote, bare, conditions, islands, type SqlRule } from './sql-grammar.ts'
import { type SqlContext, tokenizeSql } from './tokenize.ts'
import { sqlFunctions, sqlWords } from './words.ts'

/** Tokens that decide a context; an injection shows itself right after the place it breaks out of. */
const contextTokens = 48
const islandTokens = 70_000
/** Characters in which comments inside words and doubled quotes are undone. */
const maxEarly = 8_192

const quotes: readonly SqlContext[] = ["'", '"', '`']

const punctuation = [
  '~*',
  '!~',
  '^=',
  "'",
  '"',
  '`',
  ';',
  '--',
  '#',
  '/*',
  '(',
  '=',
  '<',
  '>',
  '|',
  '&&',
  '@',
  '::',
  ')',
  '0x',
  // a number in front of a name, which MySQL reads over
  ...[...'0123456789'].map((digit) => `${digit}.e.`),
]

const wordsOf = (letters: string): string[] =>
  [...sqlWords].filter(([, letter]) => letters.includes(letter)).map(([word]) => word)

/** Words of statements, and of what they are about. */
const statementWords = [
  ...wordsOf('UETLDYV'),
  'case',
  'xp_',
  'sp_',
  'pg_',
  'dbms_',
  'utl_',
  'sqlite_',
  'procedure',
  'order',
  'group',
  'having',
  'limit',
  'offset',
]
const conditionWords = [
  ...wordsOf('~').filter((word) => word.length > 2),
  'null',
  'true',
  'false',
  'unknown',
  'where',
  'from',
  'is not',
  ...[...'0123456789-+~\\'].map((digit) => `is ${digit}`),
  ...[...'-+~\\'].map((sign) => `is${sign}`),
  'drop',
]

/** SQL injection: the grammar of what stands right after the place where a value breaks out. */
export const sqlContextDetector: Detector = {
  name: 'sql.context',
  class: 'sqli',
  needs: [[...punctuation, ...statementWords, ...conditionWords]],
  run: (view) => {
    const found = inContexts(view.lower)
    const { lower } = view
    // What a value breaks out of, it breaks out of early.
    const early = lower.length > maxEarly ? lower.slice(0, maxEarly) : lower
    const joined = splitWord.test(early) ? inContexts(early.replace(inlineComment, '')) : 0
    // Doubled quotes stand for one inside a string, and for none where the value stands in two strings.
    const undoubled =
      found < 0.7 && doubled.test(early) ? inContexts(early.replace(quoteRun, (run) => run.charAt(0))) : 0
    const stated = found < 0.88 ? readStatements(lower) : 0
    const best = Math.max(found, joined, undoubled, stated)
    // Sentences quote; with backticks they say so.
    const quoted = best > 0 && view.prose && (best < 0.9 || lower.includes('`'))
    return quoted ? best * 0.72 : best
  },
}

function inContexts(lower: string): number {
  const first = tokenizeSql(lower, '', contextTokens)
  let best = isOdd(lower) ? 0.75 : 0
  if (first.startsWith('s')) {
    if (mayFollowQuote(first))
      best = certain(strongest(first, afterQuote, best), /^\s{0,8}"/.test(lower) ? '"' : "'", lower)
  } else if (mayStandBare(first)) {
    if (/^1=1|^[fF]\($|^[fF]\([fF]\([fF]?|^f\(1=/.test(first)) best = Math.max(best, 0.75)
    best = strongest(first, bare, best)
    const opened = /^\({1,9}(?=E)/.exec(first)
    if (opened !== null) best = strongest(first.slice(opened[0].length), bare, best)
  }
  for (const quote of quotes) {
    if (best >= 0.9) return best
    const tokens = tokenizeSql(lower, quote, contextTokens)
    if (tokens.length > 1 && mayFollowQuote(tokens))
      best = Math.max(best, certain(strongest(tokens, afterQuote, 0), quote, lower))
  }
  return best
}

/** A cheap no: after a quote that is an apostrophe, a word follows, and then another. */
function mayFollowQuote(tokens: string): boolean {
  const next = tokens.charCodeAt(1)
  if (next !== 118 && next !== 79) return true
  const after = tokens.charAt(2)
  return after === '&' || after === '|' || after === ')' || after === '('
}

/** A cheap no: sentences begin with a word and another word. */
function mayStandBare(tokens: string): boolean {
  if (tokens.charCodeAt(0) !== 118) return true
  const after = tokens.charAt(1)
  return after !== '' && !'v,AtO1Kk.?'.includes(after)
}

const islandNeeds = [
  ...statementWords,
  ...[...sqlFunctions].filter(([, letter]) => letter === 'F').map(([name]) => name),
]

/** SQL injection: statements anywhere in a value. */
export const sqlStatementDetector: Detector = {
  name: 'sql.statement',
  class: 'sqli',
  needs: [islandNeeds],
  run: (view) => anywhere(view, islandSearches),
}

/** SQL injection: conditions that are closed off from what stands before them. */
export const sqlConditionDetector: Detector = {
  name: 'sql.condition',
  class: 'sqli',
  needs: [
    ["'", '"', '`', ')', ...'0123456789'],
    ['or', 'and', '|', '&&'],
    ['=', '<', '>'],
  ],
  run: (view) => anywhere(view, conditionSearches),
}

interface TokenRule {
  readonly shape: Search
  readonly confidence: number
  readonly prose: number
}

const searched = (rules: typeof islands): readonly TokenRule[] =>
  rules.map((rule) => ({ ...rule, shape: compileTokenSearch(rule.shape) }))
const islandSearches = searched(islands)
const conditionSearches = searched(conditions)

let lastText = ''
let lastTokens = ''

/** The last text is remembered: two detectors ask in turn. */
function flatTokens(lower: string): string {
  if (lower !== lastText) {
    lastText = lower
    lastTokens = tokenizeSql(lower, '', islandTokens, true)
  }
  return lastTokens
}

function anywhere(view: View, rules: readonly TokenRule[]): number {
  const flat = flatTokens(view.lower)
  let best = 0
  for (const rule of rules) {
    if (rule.confidence > best && rule.shape.test(flat))
      best = Math.max(best, view.prose ? rule.prose : rule.confidence)
  }
  return best
}

/** Feet and inches; two quoted phrases with a word between them, which break out of nothing. */
const measures =
  /^\W{0,3}\d{1,4}(?:[./]\d{1,4})?["']\s?(?:or|and|by|x|to|[-&+])\s?\d{1,4}(?:[./]\d{1,4})?["']?\W{0,3}$/
const balanced = /^\s{0,4}(['"])[\w ]{1,40}['"]\s{1,3}\S{1,8}\s{1,3}['"][\w ]{1,40}['"]\s{0,4}$/

const splitWord = /[a-z]\/\*[^*]{0,10}\*\/[a-z]/
const doubled = /''|""/
const quoteRun = /'{2,10}|"{2,10}/g
const inlineComment = /\/\*[^*]{0,10}\*\//g

/** A word that is closed by a double quote, and an operator before another quote or a comment. */
const otherQuote =
  /^[^"'`]{0,40}[a-z_)]"\s{0,6}(?:(?:or|and|xor|r?like|regexp|div|mod|between|in|is)\b|[&|^]).{0,40}(?:['#]|--)/

/** Double quotes are also inches and emphasis: what is not sure after `'` is less so after `"`. */
function certain(confidence: number, quote: SqlContext, lower: string): number {
  if (confidence === 0 || confidence >= 0.85) return confidence
  if (measures.test(lower) || balanced.test(lower)) return confidence * 0.8
  if (quote === '`') return confidence * 0.8
  if (quote !== '"') return confidence
  if (otherQuote.test(lower)) return confidence
  if (/"[\s)]{0,6}(?:or|and|xor|\|\||&&)[^a-z].{0,80}(?:--|#|\/\*)/.test(lower)) return confidence
  if (/\w"[a-z]|"\s{0,2}(?:#|--)\s{0,2}$|""/.test(lower)) return confidence
  const strange =
    /["'][^\w\s]|\W["'](?:$|\W)|--|#|\\["'](?:\s|\/\*|or|and|&|\|)/.test(lower) &&
    !/\w"(?:\s|$|&)/.test(lower)
  return strange ? confidence : confidence * 0.8
}

/** What token strings were found to be: texts differ, their shapes seldom do. */
const judged = new Map<readonly SqlRule[], Map<string, number>>()
const maxJudged = 4_096

function strongest(tokens: string, rules: readonly SqlRule[], least: number): number {
  let known = judged.get(rules)
  if (known === undefined || known.size > maxJudged) {
    known = new Map()
    judged.set(rules, known)
  }
  let best = known.get(tokens)
  if (best === undefined) {
    best = 0
    const folded = foldSql(tokens)
    for (const { shape, confidence } of rules) if (confidence > best && shape.test(folded)) best = confidence
    known.set(tokens, best)
  }
  return Math.max(best, least)
}
