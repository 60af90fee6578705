import { unitsOf } from '../text-units.ts'
import { digit, isWordUnit, kinds, letter, white } from './characters.ts'
import { readWord } from './read-word.ts'
import { hashNext } from './word-filter.ts'

/** How a value may stand in the statement around it: bare, or inside one of the quotes. */
export type SqlContext = '' | "'" | '"' | '`'

const maxTokens = 70_000
/** Written anew by each call, read before the next one. */
const buffer = Buffer.alloc(maxTokens)
const tokens: Uint8Array = buffer
const code = (character: string): number => character.charCodeAt(0)

const text = {
  string: code('s'),
  name: code('v'),
  number: code('1'),
  quote: code('q'),
  comment: code('c'),
  hash: code('h'),
}
const sign = {
  plus: code('+'),
  star: code('*'),
  and: code('&'),
  or: code('|'),
  compare: code('='),
  order: code('<'),
  not: code('!'),
  other: code('?'),
  value: code('V'),
  nothing: code('N'),
}

/**
 * Turns a lower-case text into the letters of its SQL tokens (see words.ts), as MySQL, PostgreSQL, SQL Server, Oracle
 * and SQLite would read it after what stands around it: bare, or inside a quote that the text closes. Further letters:
 * `1` number, `s` string, `v` name, `F` `f` function, `=` comparison, `<` the same by one sign, `+` operator, `*`, `c` comment to the end, `h` a
 * `#` before a word, `X` extended procedure, and the punctuation itself. With `flat`, quotes are tokens (`q`) of their
 * own. At most `limit` tokens; linear in the text.
 */
export function tokenizeSql(source: string, context: SqlContext, limit: number, flat = false): string {
  const { length } = source
  const units = unitsOf(source)
  const most = Math.min(limit, maxTokens)
  let count = 0
  let i = 0
  // The line break after the place that was asked for last: looked for once for all comments before it.
  let line = -1
  /** Where a comment's line ends, if something follows it; the text's end where nothing does. */
  const endOfLine = (from: number): number => {
    if (line < from && line < length) {
      line = source.indexOf('\n', from)
      if (line < 0) line = length
    }
    return line >= length - 1 ? length : line + 1
  }
  if (context !== '') {
    const close = source.indexOf(context)
    if (close < 0) return ''
    tokens[count++] = text.string
    i = close + 1
  }
  while (i < length && count < most) {
    const unit = units[i] as number
    const kind = unit < 128 ? kinds[unit] : letter
    if (kind === white) {
      i++
      continue
    }
    if (kind === letter) {
      let end = i
      let hash = 0
      for (let one = unit; end < length && isWordUnit(one); one = units[end] as number) {
        hash = hashNext(hash, one)
        end++
      }
      // n'…', x'…', b'…', _utf8'…': a string with a prefix.
      if (!flat && units[end] === 39 && isPrefix(source, i, end)) {
        i = end
        continue
      }
      tokens[count++] = end - i > 40 ? text.name : readWord(source, units, i, end, hash)
      i = end
      continue
    }
    if (kind === digit) {
      i = endOfNumber(units, length, i)
      tokens[count++] = text.number
      continue
    }
    const next = i + 1 < length ? (units[i + 1] as number) : 0
    let token = sign.other
    let end = i + 1
    switch (unit) {
      case 39:
      case 34:
      case 96: // ' " `
        if (flat) token = text.quote
        else {
          token = unit === 96 ? text.name : text.string
          end = endOfString(source, i, unit)
        }
        break
      case 45: // - -- -> ->>
        token = sign.plus
        if (next === 62) end = (units[i + 2] as number) === 62 ? i + 3 : i + 2
        else if (next === 45) {
          end = endOfLine(i)
          token = end >= length ? text.comment : 0
        }
        break
      case 35: // #
        end = endOfLine(i)
        token = 0
        if (end >= length) {
          const word = isWordUnit(next)
          token = word ? text.hash : text.comment
          if (word && tokens[count - 1] !== text.string) end = i + 1
        }
        break
      case 47: // / /* /*!
        token = sign.plus
        if (next === 42) {
          token = 0
          if ((units[i + 2] as number) === 33) {
            end = i + 3
            while (end < length && kinds[units[end] as number] === digit) end++
          } else {
            const close = source.indexOf('*/', i + 2)
            end = close < 0 ? length : close + 2
            if (close < 0) token = text.comment
          }
        }
        break
      case 42: // * */
        token = next === 47 ? 0 : sign.star
        if (next === 47) end = i + 2
        break
      case 38: // & &&
        token = next === 38 ? sign.and : sign.plus
        if (next === 38) end = i + 2
        break
      case 124: // | ||
        token = next === 124 ? sign.or : sign.plus
        if (next === 124) end = i + 2
        break
      case 61:
      case 60:
      case 62: // = < > <= <> <=>
        token = sign.compare
        while (end < i + 3 && end < length && isComparison(units[end] as number)) end++
        if (end === i + 1 && unit !== 61) token = sign.order
        break
      case 33: // ! != !< !> !~ !~*
        token = isComparison(next) || next === 126 ? sign.compare : sign.not
        if (token === sign.compare) end = (units[i + 2] as number) === 42 ? i + 3 : i + 2
        break
      case 58: // : := ::type
        if (next === 58) {
          end = i + 2
          while (end < length && isWordUnit(units[end] as number)) end++
          token = 0
        } else if (next === 61) {
          end = i + 2
          token = sign.compare
        }
        break
      case 64: {
        // @name @@name @>
        if (next === 62) {
          token = sign.compare
          end = i + 2
          break
        }
        const start = next === 64 ? i + 2 : i + 1
        end = start
        while (end < length && isWordUnit(units[end] as number)) end++
        token = end === start ? sign.other : next === 64 ? sign.value : text.name
        break
      }
      case 94:
      case 126: // ^ ^= ~ ~*
        token = sign.plus
        if ((unit === 94 && next === 61) || (unit === 126 && next === 42)) {
          token = sign.compare
          end = i + 2
        }
        break
      case 43:
      case 37: // + %
        token = sign.plus
        break
      case 46: {
        // . .5
        const before = tokens[count - 1]
        if (kinds[next] === digit && next < 128 && before !== text.name && before !== 41) {
          end = endOfNumber(units, length, i)
          token = text.number
        } else token = unit
        break
      }
      case 40:
      case 41:
      case 44:
      case 59: // ( ) , ;
        token = unit
        break
      case 91: {
        // [name] of Transact-SQL
        const close = endOfBracket(source, i)
        if (close > 0 && tokens[count - 1] !== text.name && tokens[count - 1] !== 41) {
          token = text.name
          end = close
        }
        break
      }
      case 92: // \N is null
        if (next === 110) token = sign.nothing
        end = i + 2
        break
    }
    if (token !== 0) tokens[count++] = token
    i = end
  }
  return buffer.toString('latin1', 0, count)
}

/** After the bracket that closes a name; 0 where what is inside is none. */
function endOfBracket(source: string, from: number): number {
  let i = from + 1
  while (i < from + 60 && (isWordUnit(source.charCodeAt(i)) || source.charCodeAt(i) === 32)) i++
  return i > from + 1 && source.charCodeAt(i) === 93 && kinds[source.charCodeAt(from + 1)] === letter
    ? i + 1
    : 0
}

function isPrefix(source: string, start: number, end: number): boolean {
  return source.charCodeAt(start) === 95 || (end - start === 1 && 'nxbequ'.includes(source.charAt(start)))
}

function isComparison(unit: number): boolean {
  return unit === 61 || unit === 60 || unit === 62
}

/** After the closing quote; a quote behind one backslash does not close. */
function endOfString(source: string, from: number, quote: number): number {
  const mark = String.fromCharCode(quote)
  for (let i = source.indexOf(mark, from + 1); i >= 0; i = source.indexOf(mark, i + 1))
    if (source.charCodeAt(i - 1) !== 92 || source.charCodeAt(i - 2) === 92 || i - 1 === from) return i + 1
  return source.length
}

function endOfNumber(units: Uint16Array, length: number, from: number): number {
  let i = from
  const mark = units[i + 1]
  if (units[i] === 48 && (mark === 120 || mark === 98)) {
    i += 2
    while (i < length && isWordUnit(units[i] as number)) i++
    return i
  }
  i = endOfDigits(units, length, i)
  if (units[i] === 46) i = endOfDigits(units, length, i + 1)
  if (units[i] === 101) {
    let end = i + 1
    if (units[end] === 43 || units[end] === 45) end++
    const digits = endOfDigits(units, length, end)
    if (digits > end || end >= length || !isWordUnit(units[end] as number)) i = digits
  }
  return i
}

function endOfDigits(units: Uint16Array, length: number, from: number): number {
  let i = from
  while (i < length && (units[i] as number) >= 48 && (units[i] as number) <= 57) i++
  return i
}
