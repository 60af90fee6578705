import { characterOf } from './entities.ts'
import { plainOf } from './look-alikes.ts'
import { unitsOf } from './text-units.ts'
import { decodeUtf7 } from './utf7.ts'

const percent = 37
const ampersand = 38
const backslash = 92

/** 0 for UTF-16 units that stand for themselves: known of most, and found out of others. */
const special = new Uint8Array(65_536).fill(1, 127)
special.fill(1, 0, 9)
special.fill(1, 14, 32)
for (const sign of '%&\\+') special[sign.charCodeAt(0)] = 1
/** What other units were found to stand for. */
const plainUnits: (string | undefined)[] = new Array(65_536).fill(undefined)

/**
 * Undoes one layer of every encoding that a backend might undo: percent (also `%uXXXX` and overlong UTF-8), HTML
 * entities, `\u`, `\x`, `\u{}` and octal escapes, ASCII in UTF-7; and replaces look-alike and full-width
 * characters by the ASCII they stand for. One pass; the result is at most three times as long (`⑩` is `10`).
 */
export function decodeOnce(text: string): string {
  let out = ''
  let from = 0
  const { length } = text
  const units = unitsOf(text)
  for (let i = 0; i < length; ) {
    const unit = units[i] as number
    if (special[unit] === 0) {
      i++
      continue
    }
    let next = i + 1
    let plain: string | undefined
    if (unit === percent) {
      const read = readPercent(text, i)
      if (read !== undefined) [plain, next] = read
    } else if (unit === ampersand) {
      const read = readEntity(text, i)
      if (read !== undefined) [plain, next] = read
    } else if (unit === backslash) {
      const read = readEscape(text, i)
      if (read !== undefined) [plain, next] = read
    } else if (unit > 126 || unit < 9 || (unit > 13 && unit < 32)) {
      if (unit >= 0xd800 && unit < 0xdc00 && i + 1 < length) next = i + 2
      plain = next === i + 1 ? plainUnits[unit] : undefined
      if (plain === undefined) {
        const character = text.slice(i, next)
        plain = plainOf(character)
        if (plain === character) {
          if (next === i + 1 && (unit < 0xd800 || unit > 0xdfff)) special[unit] = 0
          plain = undefined
        } else if (next === i + 1) plainUnits[unit] = plain
      }
    } else if (unit === 43 && text.charCodeAt(i + 1) === 65) {
      const read = decodeUtf7(text, i)
      if (read !== undefined) [plain, next] = read
    }
    if (plain !== undefined) {
      out += text.slice(from, i) + plain
      from = next
    }
    i = next
  }
  return from === 0 ? text : out + text.slice(from)
}

function hex(text: string, at: number, digits: number): number {
  let value = 0
  if (at + digits > text.length) return -1
  for (let i = at; i < at + digits; i++) {
    const digit = hexDigit(text.charCodeAt(i))
    if (digit < 0) return -1
    value = value * 16 + digit
  }
  return value
}

function hexDigit(unit: number): number {
  if (unit >= 48 && unit <= 57) return unit - 48
  const lower = unit | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

function readPercent(text: string, at: number): [string, number] | undefined {
  const mark = text.charCodeAt(at + 1) | 32
  if (mark === 117) {
    const unit = hex(text, at + 2, 4)
    return unit < 0 ? undefined : [String.fromCharCode(unit), at + 6]
  }
  const first = hex(text, at + 1, 2)
  if (first < 0) return undefined
  if (first < 0x80) return [String.fromCharCode(first), at + 3]
  // UTF-8, lenient: an overlong form is read as the character it means to be.
  const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0
  let point = more === 0 ? first : first & (0x3f >> more)
  let next = at + 3
  for (let i = 0; i < more; i++) {
    const unit = text.charCodeAt(next) === percent ? hex(text, next + 1, 2) : -1
    if (unit < 0) return [String.fromCharCode(first), at + 3]
    point = point * 64 + (unit & 0x3f)
    next += 3
  }
  return [point > 0x10ffff ? '' : String.fromCodePoint(point), next]
}

function readEntity(text: string, at: number): [string, number] | undefined {
  if (text.charCodeAt(at + 1) === 35) {
    const isHex = (text.charCodeAt(at + 2) | 32) === 120
    let next = at + (isHex ? 3 : 2)
    const start = next
    let value = 0
    for (;;) {
      const digit = hexDigit(text.charCodeAt(next))
      if (digit < 0 || Number.isNaN(digit) || (!isHex && digit > 9) || next >= text.length) break
      value = Math.min(value * (isHex ? 16 : 10) + digit, 0x110000)
      next++
    }
    if (next === start) return undefined
    if (text.charCodeAt(next) === 59) next++
    return [value > 0x10ffff ? '' : String.fromCodePoint(value), next]
  }
  let end = at + 1
  while (end < at + 12 && isLetter(text.charCodeAt(end))) end++
  if (end === at + 1 || text.charCodeAt(end) !== 59) return undefined
  const character = characterOf(text.slice(at + 1, end))
  return character === undefined ? undefined : [character, end + 1]
}

function isLetter(unit: number): boolean {
  const lower = unit | 32
  return lower >= 97 && lower <= 122
}

function readEscape(text: string, at: number): [string, number] | undefined {
  const mark = text.charCodeAt(at + 1)
  if (mark === 117 || mark === 85) {
    if (text.charCodeAt(at + 2) === 123) {
      const close = text.indexOf('}', at + 3)
      if (close < 0 || close > at + 12) return undefined
      const value = hex(text, at + 3, close - at - 3)
      return value < 0 || value > 0x10ffff ? undefined : [String.fromCodePoint(value), close + 1]
    }
    const unit = hex(text, at + 2, 4)
    return unit < 0 ? undefined : [String.fromCharCode(unit), at + 6]
  }
  if (mark === 120) {
    const unit = hex(text, at + 2, 2)
    return unit < 0 ? undefined : [String.fromCharCode(unit), at + 4]
  }
  if (mark >= 48 && mark <= 51) {
    let value = 0
    let next = at + 1
    while (next < at + 4) {
      const digit = text.charCodeAt(next) - 48
      if (!(digit >= 0 && digit <= 7)) break
      value = value * 8 + digit
      next++
    }
    if (next === at + 4) return [String.fromCharCode(value), next]
  }
  return undefined
}
