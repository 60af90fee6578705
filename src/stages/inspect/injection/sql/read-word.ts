import { kinds, white } from './characters.ts'
import { compileWordFilter } from './word-filter.ts'
import { sqlFunctions, sqlWords } from './words.ts'

const name = 'v'.charCodeAt(0)
const codesOf = (words: ReadonlyMap<string, string>): ReadonlyMap<string, number> =>
  new Map([...words].map(([word, letter]) => [word, letter.charCodeAt(0)]))
const words = codesOf(sqlWords)
const functions = codesOf(sqlFunctions)

const mayBeKnown = compileWordFilter([...words.keys(), ...functions.keys()])

/** The token of a word, by what it is and, where that matters, by what follows it. */
export function readWord(source: string, start: number, end: number): number {
  if (!mayBeKnown(source, start, end))
    return hasPrefix(source, start, end) ? unknownWord(source.slice(start, end)) : name
  const word = source.slice(start, end)
  const callee = functions.get(word)
  const known = words.get(word)
  if (callee === undefined && known === undefined) return unknownWord(word)
  if (callee !== undefined && isCalled(source, end)) return callee
  if (known === undefined) return unknownWord(word)
  switch (word) {
    case 'order':
    case 'group':
      return /^\s{1,8}by\b|^\/\*/.test(source.slice(end, end + 12)) ? known : name
    case 'is': {
      const after = source.slice(end, end + 16)
      return /^\s{1,8}(?:not|null|true|false|unknown)|^ \d/.test(after) || !/^\s{1,8}[a-z0-9]/.test(after)
        ? known
        : name
    }
    case 'in':
      return isCalled(source, end) ? known : name
    case 'master':
    case 'mysql':
      return source.charCodeAt(end) === 46 ? known : name
    default:
      return known
  }
}

/** Procedures of SQL Server that change it or run something. */
const procedures =
  /^sp_(?:execute|prep|oa|makewebtask|configure|add|password|who2?$|help|sqlexec|replwrite|start_job|delete_|update_job|columns$|tables$|databases$|grant|change|drop|rename|set|tracegenerate|send_dbmail|processmail)/
const prefixed = /^(?:pg|dbms|utl|sqlite)_[a-z]/

/** True where an underscore stands as it does after the prefixes below. */
function hasPrefix(source: string, start: number, end: number): boolean {
  if (end - start < 5) return false
  return (
    source.charCodeAt(start + 2) === 95 ||
    source.charCodeAt(start + 3) === 95 ||
    source.charCodeAt(start + 4) === 95 ||
    source.charCodeAt(start + 6) === 95
  )
}

function unknownWord(word: string): number {
  if (!word.includes('_')) return name
  if (word.startsWith('xp_') || (word.startsWith('sp_') && procedures.test(word))) return 88
  return prefixed.test(word) ? 89 : name
}

/** True where a parenthesis opens after spaces and inline comments. */
function isCalled(source: string, end: number): boolean {
  let i = end
  while (i < end + 64) {
    const unit = source.charCodeAt(i)
    if (unit === 40) return true
    if (unit < 128 && kinds[unit] === white) i++
    else if (unit === 47 && source.charCodeAt(i + 1) === 42) {
      const close = source.indexOf('*/', i + 2)
      if (close < 0 || close > end + 64) return false
      i = close + 2
    } else return false
  }
  return false
}
