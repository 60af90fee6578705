import { sqlFunctions, sqlWords } from './words.ts'

/** How a value may stand in the statement around it: bare, or inside one of the quotes. */
export type SqlContext = '' | "'" | '"' | '`'

/** What a character begins; everything else is a word. */
const kinds = new Uint8Array(128)
const white = 1
const digit = 2
const letter = 3
for (let c = 0; c <= 32; c++) kinds[c] = white
for (const c of '0123456789') kinds[c.charCodeAt(0)] = digit
for (const c of 'abcdefghijklmnopqrstuvwxyz_$') kinds[c.charCodeAt(0)] = letter

const flatQuotes = 'q'

/**
 * Turns a lower-case text into the letters of its SQL tokens (see words.ts), as MySQL, PostgreSQL, SQL Server, Oracle
 * and SQLite would read it after what stands around it: bare, or inside a quote that the text closes. Further letters:
 * `1` number, `s` string, `v` name, `F` `f` function, `=` comparison, `+` operator, `*`, `c` comment to the end, `h` a
 * `#` before a word, `X` extended procedure, and the punctuation itself. With `flat`, quotes are tokens (`q`) of their
 * own. At most `limit` tokens.
 */
export function tokenizeSql(text: string, context: SqlContext, limit: number, flat = false): string {
  const { length } = text
  let out = ''
  let i = 0
  if (context !== '') {
    const close = text.indexOf(context)
    if (close < 0) return ''
    out = 's'
    i = close + 1
  }
  let count = out.length
  while (i < length && count < limit) {
    const unit = text.charCodeAt(i)
    const kind = unit < 128 ? kinds[unit] : letter
    if (kind === white) {
      i++
      continue
    }
    count++
    if (kind === letter) {
      let end = i + 1
      while (end < length && isWordUnit(text.charCodeAt(end))) end++
      const after = text.charCodeAt(end)
      // n'…', x'…', b'…', _utf8'…': a string with a prefix.
      if (!flat && after === 39 && (end - i === 1 || unit === 95)) {
        i = end
        count--
        continue
      }
      const word = text.slice(i, end)
      out += letterOf(word, text, end)
      i = end
      continue
    }
    if (kind === digit) {
      i = endOfNumber(text, i)
      out += '1'
      continue
    }
    const next = text.charCodeAt(i + 1)
    switch (unit) {
      case 39:
      case 34:
      case 96: {
        if (flat) {
          out += flatQuotes
          i++
          break
        }
        let close = text.indexOf(String.fromCharCode(unit), i + 1)
        while (close > 0 && text.charCodeAt(close - 1) === 92 && text.charCodeAt(close - 2) !== 92)
          close = text.indexOf(String.fromCharCode(unit), close + 1)
        out += unit === 96 ? 'v' : 's'
        i = close < 0 ? length : close + 1
        break
      }
      case 45: // -
        if (next === 45) {
          const line = lineEnd(text, i)
          if (line >= length) return `${out}c`
          count--
          i = line
        } else {
          out += '+'
          i++
        }
        break
      case 35: {
        // #
        const line = lineEnd(text, i)
        if (isWordUnit(next) && line >= length && out.charAt(out.length - 1) !== 's') {
          out += 'h'
          i++
          break
        }
        if (line >= length) return `${out}${isWordUnit(next) ? 'h' : 'c'}`
        count--
        i = line
        break
      }
      case 47: // /
        if (next === 42) {
          count--
          if (text.charCodeAt(i + 2) === 33) {
            i += 3
            while (kinds[text.charCodeAt(i)] === digit) i++
            break
          }
          const close = text.indexOf('*/', i + 2)
          if (close < 0) return `${out}c`
          i = close + 2
          break
        }
        out += '+'
        i++
        break
      case 42: // *
        if (next === 47) {
          count--
          i += 2
        } else {
          out += '*'
          i++
        }
        break
      case 38: // &
        out += next === 38 ? '&' : '+'
        i += next === 38 ? 2 : 1
        break
      case 124: // |
        out += next === 124 ? '|' : '+'
        i += next === 124 ? 2 : 1
        break
      case 61: // = < > ! := <=>
      case 60:
      case 62: {
        let end = i + 1
        while (end < i + 3 && isComparison(text.charCodeAt(end))) end++
        out += '='
        i = end
        break
      }
      case 33: // !
        if (next === 61) {
          out += '='
          i += 2
        } else {
          out += '!'
          i++
        }
        break
      case 58: // : :: :=
        if (next === 58) {
          // PostgreSQL cast: skip the type's name.
          i += 2
          while (i < length && isWordUnit(text.charCodeAt(i))) i++
          count--
        } else if (next === 61) {
          out += '='
          i += 2
        } else {
          out += '?'
          i++
        }
        break
      case 64: {
        // @name @@name
        let end = i + 1
        if (text.charCodeAt(end) === 64) end++
        const system = end === i + 2
        while (end < length && isWordUnit(text.charCodeAt(end))) end++
        out += end === i + 1 ? '?' : system ? 'V' : 'v'
        i = end
        break
      }
      case 43: // + % ^ ~
      case 37:
      case 94:
      case 126:
        out += '+'
        i++
        break
      case 46: // .
        if (kinds[next] === digit && !/[v)]$/.test(out.slice(-1))) {
          i = endOfNumber(text, i)
          out += '1'
        } else {
          out += '.'
          i++
        }
        break
      case 40:
      case 41:
      case 44:
      case 59:
        out += text.charAt(i)
        i++
        break
      case 92: // \N is null; any other backslash is none of ours
        out += next === 110 ? 'N' : '?'
        i += 2
        break
      default:
        out += '?'
        i++
    }
  }
  return out
}

function isWordUnit(unit: number): boolean {
  return unit < 128 ? (kinds[unit] as number) >= digit : unit >= 128
}

function isComparison(unit: number): boolean {
  return unit === 61 || unit === 60 || unit === 62
}

/** End of a comment line, where something follows it; the text's end where nothing does. */
function lineEnd(text: string, from: number): number {
  const line = text.indexOf('\n', from)
  return line < 0 || line === text.length - 1 ? text.length : line + 1
}

function endOfNumber(text: string, from: number): number {
  let i = from
  if (text.charCodeAt(i) === 48 && (text.charCodeAt(i + 1) === 120 || text.charCodeAt(i + 1) === 98)) {
    i += 2
    while (isWordUnit(text.charCodeAt(i))) i++
    return i
  }
  while (kinds[text.charCodeAt(i)] === digit) i++
  if (text.charCodeAt(i) === 46) {
    i++
    while (kinds[text.charCodeAt(i)] === digit) i++
  }
  if (text.charCodeAt(i) === 101) {
    let end = i + 1
    if (text.charCodeAt(end) === 43 || text.charCodeAt(end) === 45) end++
    if (kinds[text.charCodeAt(end)] === digit || !isWordUnit(text.charCodeAt(end))) {
      while (kinds[text.charCodeAt(end)] === digit) end++
      i = end
    }
  }
  return i
}

function letterOf(word: string, text: string, end: number): string {
  const known = sqlWords.get(word)
  const called = isCalled(text, end)
  if (called) {
    const name = sqlFunctions.get(word)
    if (name !== undefined) return name
  }
  if (known === undefined) return /^xp_[a-z]/.test(word) ? 'X' : /^(?:pg|dbms|utl|sqlite)_[a-z]/.test(word) ? 'Y' : 'v'
  if (known === 'B' && (word === 'order' || word === 'group'))
    return /^\s{1,8}by\b/.test(text.slice(end, end + 11)) || /^\/\*/.test(text.slice(end, end + 2))
      ? 'B'
      : 'v'
  if ((known === 'V' || known === 'Y') && word === 'master') return text.charCodeAt(end) === 46 ? 'Y' : 'v'
  if (known === 'Y' && word === 'mysql') return text.charCodeAt(end) === 46 ? 'Y' : 'v'
  return known
}

/** True where a parenthesis opens after spaces and inline comments. */
function isCalled(text: string, end: number): boolean {
  let i = end
  while (i < end + 64) {
    const unit = text.charCodeAt(i)
    if (unit === 40) return true
    if (unit < 128 && kinds[unit] === white) i++
    else if (unit === 47 && text.charCodeAt(i + 1) === 42) {
      const close = text.indexOf('*/', i + 2)
      if (close < 0 || close > end + 64) return false
      i = close + 2
    } else return false
  }
  return false
}
