/** What a UTF-16 unit is to the tokenizer: below `firstLetter` a mark, else the folded letter or digit. */
export const separator = 0
/** Nothing to see: zero-width, bidi and combining marks, the apostrophe. */
export const silent = 1
/** Ends a sentence or a line. */
export const boundary = 2
export const colon = 3
/** Brackets, angles, quotes, hash: what templates fence text with. */
export const fence = 4
export const at = 5
/** Signs that spellings of other characters begin with. */
export const percent = 6
export const ampersand = 7
const backslash = 8
export const firstLetter = 16

/** Letters of other scripts that look like a Latin one (UTS 39, the part that texts are disguised with). */
const lookAlikes: readonly (readonly [string, string])[] = [
  ['\u0430\u0251\u03b1', 'a'],
  ['\u0432', 'b'],
  ['\u0441\u03f2\u1d04', 'c'],
  ['\u0501', 'd'],
  ['\u0435\u04bd', 'e'],
  ['\u0261\u0581', 'g'],
  ['\u04bb\u043d', 'h'],
  ['\u0456\u0131\u0269\u03b9', 'i'],
  ['\u0458', 'j'],
  ['\u043a\u03ba', 'k'],
  ['\u04cf', 'l'],
  ['\u043c', 'm'],
  ['\u0578', 'n'],
  ['\u043e\u03bf\u0585', 'o'],
  ['\u0440\u03c1', 'p'],
  ['\u051b', 'q'],
  ['\u0433', 'r'],
  ['\u0455\u017f', 's'],
  ['\u0442\u03c4', 't'],
  ['\u03c5\u057d', 'u'],
  ['\u0475\u03bd', 'v'],
  ['\u051d\u0461', 'w'],
  ['\u0445\u03c7', 'x'],
  ['\u0443\u03b3\u04af', 'y'],
]

const marks: readonly (readonly [string, number])[] = [
  ['!?;\n\r\u3002\uff01\uff1f\uff1b\u0964\u061f\u2026', boundary],
  [':\uff1a', colon],
  ['<>[]{}|#"`*=\u201c\u201d\u00ab\u00bb', fence],
  ["'\u2018\u2019\u02bc\u00b4", silent],
  ['@', at],
  ['%', percent],
  ['&', ampersand],
  ['\\', backslash],
]

let table: Uint16Array | undefined

/**
 * One entry for each UTF-16 unit. Case, width, diacritics and look-alikes are folded, so that disguises of a word
 * and the word itself are one. Built once, on first use (some 20 ms).
 */
export function foldTable(): Uint16Array {
  table ??= build()
  return table
}

function build(): Uint16Array {
  const made = new Uint16Array(65536)
  const unseen = /[\p{M}\p{Cf}]/u
  const letter = /[\p{L}\p{N}]/u
  for (let unit = 0x80; unit < 0xd800; unit++) made[unit] = foldUnit(unit, unseen, letter)
  for (let unit = 0xf900; unit < 0xffff; unit++) made[unit] = foldUnit(unit, unseen, letter)
  for (let unit = 0x30; unit <= 0x39; unit++) made[unit] = unit
  for (let unit = 0x61; unit <= 0x7a; unit++) {
    made[unit] = unit
    made[unit - 32] = unit
  }
  for (const [many, one] of lookAlikes)
    for (const each of many) {
      made[each.charCodeAt(0)] = one.charCodeAt(0)
      const upper = each.toUpperCase()
      if (upper.length === 1) made[upper.charCodeAt(0)] = one.charCodeAt(0)
    }
  for (const [many, mark] of marks) for (const each of many) made[each.charCodeAt(0)] = mark
  return made
}

function foldUnit(unit: number, unseen: RegExp, letter: RegExp): number {
  const character = String.fromCharCode(unit)
  if (unseen.test(character)) return silent
  // Hangul syllables are letters of their own: taken apart, all with the same first sound would be one.
  if (unit >= 0xac00 && unit <= 0xd7a3) return unit
  const base = character.normalize('NFKD')
  const first = base.charCodeAt(0)
  if (first < 0x80) {
    const lower = String.fromCharCode(first).toLowerCase().charCodeAt(0)
    const plain = (lower >= 0x61 && lower <= 0x7a) || (lower >= 0x30 && lower <= 0x39)
    return plain ? lower : separator
  }
  if (!letter.test(character)) return separator
  const lower = (base.length > 0 ? String.fromCharCode(first) : character).toLowerCase()
  return lower.length === 1 ? lower.charCodeAt(0) : unit
}

/** The ASCII letter or digit, lower-case, of a character beyond the first plane (mathematical and enclosed letters); 0 where none. */
export function foldAstral(point: number): number {
  if ((point < 0x1d400 || point > 0x1d7ff) && (point < 0x1f110 || point > 0x1f189)) return 0
  const base = String.fromCodePoint(point).normalize('NFKD').toLowerCase()
  const code = base.charCodeAt(0)
  if (base.length === 1 && ((code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39))) return code
  // Enclosed letters that have no compatibility form: negative squares and circles.
  if (point >= 0x1f130 && point <= 0x1f149) return 0x61 + point - 0x1f130
  if (point >= 0x1f150 && point <= 0x1f169) return 0x61 + point - 0x1f150
  if (point >= 0x1f170 && point <= 0x1f189) return 0x61 + point - 0x1f170
  if (point >= 0x1f110 && point <= 0x1f129) return 0x61 + point - 0x1f110
  return 0
}
