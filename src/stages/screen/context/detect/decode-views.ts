import { wordClass } from './lexicon.ts'
import { readable } from './strip-unseen.ts'
import { mixed, single, type Tokens } from './tokens.ts'

/** Another reading of a part of a text. */
export interface DecodedView {
  readonly text: string
  /** Where in the text the part stands. */
  readonly from: number
  readonly to: number
}

/** Views of one text, and characters that are decoded for them. */
const mostViews = 8
const longestView = 16_384

/** Single letters in a row that make it worth while to read them together. */
const spelledLetters = 8

const base64 = /[A-Za-z0-9+/_-]{28,}={0,2}/g
const hex = /(?:[0-9A-Fa-f]{2}[ :]?){20,}/g
const percent = /%[0-9A-Fa-f]{2}/g
const entity = /&(?:#\d{1,7}|#x[0-9a-f]{1,6}|amp|lt|gt|quot|apos|nbsp);/gi
const escapes = /\\u\{?([0-9A-Fa-f]{4,6})\}?|\\x([0-9A-Fa-f]{2})/g
const named: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
])

/**
 * Readings of a text that a model would make of it: base64, hex, percent, entity and escape spellings, leet, letters set
 * apart, text turned round or rotated. Each is made only where the words of the text, or one cheap look, give cause.
 */
export function decodeViews(text: string, tokens: Tokens, classes: number): readonly DecodedView[] {
  const views: DecodedView[] = []
  const add = (decoded: string | undefined, from: number, to: number): void => {
    if (decoded !== undefined && decoded.length > 5 && views.length < mostViews)
      views.push({ text: decoded.slice(0, longestView), from, to })
  }
  if (tokens.hasLong) {
    for (const match of text.matchAll(base64)) {
      if (views.length >= mostViews) break
      const run = match[0].slice(0, longestView)
      add(readable(Buffer.from(run, 'base64')), match.index, match.index + match[0].length)
    }
  }
  if (tokens.hasLong || /(?:[0-9A-Fa-f]{2}[ :]){8}/.test(text))
    for (const match of text.matchAll(hex)) {
      if (views.length >= mostViews) break
      const digits = match[0].replace(/[ :]/g, '').slice(0, longestView)
      add(readable(Buffer.from(digits, 'hex')), match.index, match.index + match[0].length)
    }
  const whole = (decoded: string): void => {
    if (decoded !== text) add(decoded, 0, text.length)
  }
  if (text.includes('%') && (text.match(percent)?.length ?? 0) > 2)
    whole(unpercent(text.slice(0, longestView)))
  if (text.includes('&') && text.search(entity) >= 0)
    whole(text.slice(0, longestView).replace(entity, (found) => unentity(found)))
  if (text.includes('\\') && text.search(escapes) >= 0)
    whole(
      text
        .slice(0, longestView)
        .replace(escapes, (found, long: string | undefined, short: string | undefined) => {
          const point = Number.parseInt(long ?? short ?? '', 16)
          return point <= 0x10ffff ? String.fromCodePoint(point) : found
        }),
    )
  readShapes(text, tokens, classes, add)
  return views
}

type Add = (decoded: string | undefined, from: number, to: number) => void

function readShapes(text: string, tokens: Tokens, classes: number, add: Add): void {
  let leet = 0
  let run = 0
  let runStart = 0
  for (let i = 0; i < tokens.count; i++) {
    const flags = tokens.flags[i] as number
    if ((flags & mixed) !== 0) leet++
    if ((flags & single) !== 0) {
      if (run === 0) runStart = i
      run++
    }
    if (run > 0 && ((flags & single) === 0 || i + 1 === tokens.count)) {
      if (run >= spelledLetters) {
        const from = tokens.starts[runStart] as number
        const to = tokens.ends[(flags & single) === 0 ? i - 1 : i] as number
        add(joined(text.slice(from, Math.min(to, from + longestView))), from, to)
      }
      run = 0
    }
  }
  if (leet >= 3) add(unleet(text.slice(0, longestView)), 0, text.length)
  if ((classes & wordClass.backwards) !== 0) {
    let from = 0
    for (const line of text.slice(0, longestView).split('\n')) {
      if (line.length > 8) add(Array.from(line).reverse().join(''), from, from + line.length)
      from += line.length + 1
    }
  }
  if ((classes & wordClass.rotated) !== 0) add(rotate(text.slice(0, longestView)), 0, text.length)
}

/** Letters set apart by one sign each; what is set further apart are words. */
function joined(text: string): string {
  return text
    .replace(/([^\s.\-_*|])[ .\-_*|](?=[^\s.\-_*|](?:[ .\-_*|]|$))/g, '$1')
    .replace(/[ .\-_*|]{2,}/g, ' ')
}

const leetLetters: ReadonlyMap<string, string> = new Map([
  ['0', 'o'],
  ['1', 'i'],
  ['3', 'e'],
  ['4', 'a'],
  ['5', 's'],
  ['7', 't'],
  ['8', 'b'],
  ['9', 'g'],
  ['@', 'a'],
  ['$', 's'],
  ['!', 'i'],
  ['|', 'l'],
])

function unleet(text: string): string {
  return text.replace(/[\w@$!|]{2,40}/g, (word) =>
    /[A-Za-z]/.test(word) && /[0-9@$!|]/.test(word)
      ? word.replace(/[0134578@$!|9]/g, (sign) => leetLetters.get(sign) ?? sign)
      : word,
  )
}

function rotate(text: string): string {
  return text.replace(/[A-Za-z]/g, (letter) => {
    const code = letter.charCodeAt(0)
    const base = code < 97 ? 65 : 97
    return String.fromCharCode(((code - base + 13) % 26) + base)
  })
}

function unpercent(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
  )
}

function unentity(found: string): string {
  const name = found.slice(1, -1).toLowerCase()
  const known = named.get(name)
  if (known !== undefined) return known
  const point = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
  return point <= 0x10ffff ? String.fromCodePoint(point) : found
}
