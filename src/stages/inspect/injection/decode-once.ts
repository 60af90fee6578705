import { characterOf } from './entities.ts'
import { plainOf } from './look-alikes.ts'
import { unitsOf } from './text-units.ts'
import { decodeUtf7 } from './utf7.ts'

const percent = 37
const ampersand = 38
const backslash = 92
const plus = 43

/** 0 for UTF-16 units that stand for themselves: known of most, and found out of others. */
const special = new Uint8Array(65_536).fill(1, 127)
special.fill(1, 0, 9)
special.fill(1, 14, 32)
for (const sign of '%&\\+') special[sign.charCodeAt(0)] = 1
/** What other units were found to stand for. */
const plainUnits: (string | undefined)[] = new Array(65_536).fill(undefined)

/** Where the escape that was read last ends. */
let end = 0

/**
 * Undoes one layer of every encoding that a backend might undo: percent (also `%uXXXX` and overlong UTF-8), HTML
 * entities, `\u`, `\x`, `\u{}` and octal escapes, ASCII in UTF-7; and replaces look-alike and full-width
 * characters by the ASCII they stand for. One pass; the result is at most three times as long (`⑩` is `10`).
 */
export function decodeOnce(text: string): string {
  const { length } = text
  const units = unitsOf(text)
  let out: Uint16Array | undefined
  let count = 0
  for (let i = 0; i < length; ) {
    const unit = units[i] as number
    if (special[unit] === 0) {
      if (out !== undefined) out[count++] = unit
      i++
      continue
    }
    end = i + 1
    let point = -1
    let plain: string | undefined
    if (unit === percent) point = readPercent(text, units, i)
    else if (unit === ampersand) plain = readEntity(text, units, i)
    else if (unit === backslash) point = readEscape(text, units, i)
    else if (unit === plus) plain = readShifted(text, units, i)
    else plain = readOther(text, unit, i)
    if (point < 0 && plain === undefined) {
      if (out !== undefined) for (let k = i; k < end; k++) out[count++] = units[k] as number
    } else {
      if (out === undefined) {
        out = outputOf(length)
        out.set(units.subarray(0, i))
        count = i
      }
      if (point >= 0 && point < 0x10000) out[count++] = point
      else {
        const made = plain ?? (point > 0x10ffff ? '' : String.fromCodePoint(point))
        for (let k = 0; k < made.length; k++) out[count++] = made.charCodeAt(k)
      }
    }
    i = end
  }
  return out === undefined ? text : textOf(out, count)
}

let output = new Uint16Array(3 * 4_096)

/** An array that the next call overwrites, for what a text of a length may become. */
function outputOf(length: number): Uint16Array {
  if (output.length < length * 3) output = new Uint16Array(length * 3)
  return output
}

/** Characters of a byte each are kept so: what is looked for in them is found in half of the time. */
function textOf(units: Uint16Array, count: number): string {
  const bytes = Buffer.from(units.buffer, units.byteOffset, count * 2)
  for (let i = 0; i < count; i++) if ((units[i] as number) > 255) return bytes.toString('utf16le')
  return Buffer.from(units.subarray(0, count)).toString('latin1')
}

/** A character beyond ASCII, or a control; undefined where it stands for itself. */
function readOther(text: string, unit: number, at: number): string | undefined {
  if (unit >= 0xd800 && unit < 0xdc00 && at + 1 < text.length) {
    end = at + 2
    const pair = text.slice(at, end)
    const plain = plainOf(pair)
    return plain === pair ? undefined : plain
  }
  const known = plainUnits[unit]
  if (known !== undefined) return known
  const character = text.charAt(at)
  const plain = plainOf(character)
  if (plain === character) {
    if (unit < 0xd800 || unit > 0xdfff) special[unit] = 0
    return undefined
  }
  plainUnits[unit] = plain
  return plain
}

function readShifted(text: string, units: Uint16Array, at: number): string | undefined {
  const read = units[at + 1] === 65 ? decodeUtf7(text, at) : undefined
  if (read !== undefined) end = read[1]
  return read?.[0]
}

/** The number that hexadecimal figures write; negative where they are none. */
function hex(text: string, units: Uint16Array, at: number, digits: number): number {
  let value = 0
  if (at + digits > text.length) return -1
  for (let i = at; i < at + digits; i++) {
    const digit = hexDigit(units[i] as number)
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

/** The character that an escape stands for; negative where it is none. */
function readPercent(text: string, units: Uint16Array, at: number): number {
  if (((units[at + 1] as number) | 32) === 117) {
    const unit = hex(text, units, at + 2, 4)
    if (unit >= 0) end = at + 6
    return unit
  }
  const first = hex(text, units, at + 1, 2)
  if (first < 0) return -1
  end = at + 3
  if (first < 0x80) return first
  // UTF-8, lenient: an overlong form is read as the character it means to be.
  const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0
  let point = more === 0 ? first : first & (0x3f >> more)
  let next = end
  for (let i = 0; i < more; i++) {
    const unit = next < text.length && units[next] === percent ? hex(text, units, next + 1, 2) : -1
    if (unit < 0) return first
    point = point * 64 + (unit & 0x3f)
    next += 3
  }
  end = next
  return point
}

function readEntity(text: string, units: Uint16Array, at: number): string | undefined {
  const { length } = text
  if (units[at + 1] === 35 && at + 1 < length) {
    const isHex = ((units[at + 2] as number) | 32) === 120
    let next = at + (isHex ? 3 : 2)
    const start = next
    let value = 0
    while (next < length) {
      const digit = hexDigit(units[next] as number)
      if (digit < 0 || (!isHex && digit > 9)) break
      value = Math.min(value * (isHex ? 16 : 10) + digit, 0x110000)
      next++
    }
    if (next === start) return undefined
    if (next < length && units[next] === 59) next++
    end = next
    return value > 0x10ffff ? '' : value < 128 ? (ascii[value] as string) : String.fromCodePoint(value)
  }
  let stop = at + 1
  while (stop < at + 12 && isLetter(units[stop] as number)) stop++
  if (stop === at + 1 || stop >= length || units[stop] !== 59) return undefined
  const character = characterOf(text.slice(at + 1, stop))
  if (character !== undefined) end = stop + 1
  return character
}

const ascii = Array.from({ length: 128 }, (_, unit) => String.fromCharCode(unit))

function isLetter(unit: number): boolean {
  const lower = unit | 32
  return lower >= 97 && lower <= 122
}

/** The same for backslashes. */
function readEscape(text: string, units: Uint16Array, at: number): number {
  const mark = at + 1 < text.length ? (units[at + 1] as number) : 0
  if (mark === 117 || mark === 85) {
    if (units[at + 2] === 123) {
      const close = closingBrace(units, at + 3)
      if (close < 0 || close >= text.length) return -1
      const value = hex(text, units, at + 3, close - at - 3)
      if (value < 0 || value > 0x10ffff) return -1
      end = close + 1
      return value
    }
    const unit = hex(text, units, at + 2, 4)
    if (unit >= 0) end = at + 6
    return unit
  }
  if (mark === 120) {
    const unit = hex(text, units, at + 2, 2)
    if (unit >= 0) end = at + 4
    return unit
  }
  if (mark < 48 || mark > 51 || at + 4 > text.length) return -1
  let value = 0
  for (let i = at + 1; i < at + 4; i++) {
    const digit = (units[i] as number) - 48
    if (digit < 0 || digit > 7) return -1
    value = value * 8 + digit
  }
  end = at + 4
  return value
}

/** Where the brace closes that is open, a few characters on. */
function closingBrace(units: Uint16Array, from: number): number {
  for (let i = from; i <= from + 9; i++) if (units[i] === 125) return i
  return -1
}
