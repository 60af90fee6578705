import { kinds, white } from './characters.ts'
import { compileWords } from './word-filter.ts'
import { sqlFunctions, sqlWords } from './words.ts'

const name = 'v'.charCodeAt(0)
const spellings = [...new Set([...sqlWords.keys(), ...sqlFunctions.keys()])]
const numberOf = compileWords(spellings)
const codesOf = (letters: ReadonlyMap<string, string>): Uint8Array =>
  Uint8Array.from(spellings, (word) => letters.get(word)?.charCodeAt(0) ?? 0)
/** By the number of the word; 0 where it is none of these. */
const words = codesOf(sqlWords)
const functions = codesOf(sqlFunctions)

/**
 * The token of a word, by what it is and, where that matters, by what follows it; `units` are those of the source,
 * `hash` is that of the word (see word-filter.ts).
 */
export function readWord(
  source: string,
  units: Uint16Array,
  start: number,
  end: number,
  hash: number,
): number {
  const number = numberOf(hash, source, start, end)
  if (number < 0) return hasPrefix(units, start, end) ? unknownWord(source.slice(start, end)) : name
  const word = spellings[number] as string
  const callee = functions[number] as number
  const known = words[number] as number
  if (callee !== 0 && isCalled(source, end)) return callee
  if (known === 0) return unknownWord(word)
  switch (word) {
    case 'order':
    case 'group':
      return /^\s{1,8}by\b|^\/\*/.test(source.slice(end, end + 12)) ? known : name
    case 'is': {
      if (isPlainWord(units[end] as number, units[end + 1] as number)) return name
      const after = source.slice(end, end + 16)
      return /^\s{1,8}(?:not|null|true|false|unknown)|^ \d|^\s{0,8}(?:[('"`@]|\/\*)|^ ?[-+~\\]/.test(after)
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

/** After `is`: a blank and a word that neither `not` nor a truth value is. */
function isPlainWord(blank: number, first: number): boolean {
  return blank === 32 && first >= 97 && first <= 122 && !'nftu'.includes(String.fromCharCode(first))
}

/** Procedures of SQL Server that change it or run something. */
const procedures =
  /^sp_(?:execute|prep|oa|makewebtask|configure|add|password|who2?$|help|sqlexec|replwrite|start_job|delete_|update_job|columns$|tables$|databases$|grant|change|drop|rename|set|tracegenerate|send_dbmail|processmail)/
const prefixed = /^(?:pg|dbms|utl|sqlite)_[a-z]/

/** True where an underscore stands as it does after the prefixes below. */
function hasPrefix(units: Uint16Array, start: number, end: number): boolean {
  if (end - start < 5) return false
  return (
    units[start + 2] === 95 || units[start + 3] === 95 || units[start + 4] === 95 || units[start + 6] === 95
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
