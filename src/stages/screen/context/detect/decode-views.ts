import { isLexical, rotate, wordClass } from './lexicon.ts'
import { readable } from './strip-unseen.ts'
import { mark, mixed, single, type Tokens } from './tokens.ts'

/** Another reading of a part of a text. */
export interface DecodedView {
  readonly text: string
  /** Where in the text the part stands. */
  readonly from: number
  readonly to: number
}

/** Readings of one text, and what of it they did not reach. */
export interface DecodedViews {
  readonly views: readonly DecodedView[]
  /** There was more to decode than is decoded of one text. */
  readonly partial: boolean
}

const nothing: DecodedViews = Object.freeze({ views: Object.freeze([]), partial: false })

/** Views of one text, characters of one view, and of all. */
const mostViews = 24
const longestView = 16_384
const mostDecoded = 98_304
/** Single letters in a row, and words of two hex digits, that make it worth while to read them together. */
const spelledLetters = 8
const hexPairs = 8
/** Escapes that make it worth while to decode them. */
const fewest = 3
/** Words with digits of one text that are looked at as leet. */
const mostMixed = 64

const base64 = /[A-Za-z0-9+/_-]{28,}={0,2}/g
const hex = /(?:[0-9A-Fa-f]{2}[ :]?){20,}/g
const percents = /%[0-9A-Fa-f]{2}/g
const entities = /&#(?:\d{1,7}|x[0-9a-f]{1,6});?/gi
const escapes = /\\u\{?([0-9A-Fa-f]{4,6})\}?|\\x([0-9A-Fa-f]{2})/g

/**
 * Readings of a text that a model would make of it: base64, hex, percent, entity and escape spellings, leet, letters set
 * apart, text turned round or rotated. Each is made only where the words of the text, counted by the tokenizer, give cause.
 */
export function decodeViews(text: string, tokens: Tokens, classes: number): DecodedViews {
  const odd = classes & (wordClass.backwards | wordClass.rotated)
  if (
    odd === 0 &&
    !tokens.hasLong &&
    tokens.percents < fewest &&
    tokens.ampersands < fewest &&
    tokens.backslashes < fewest &&
    tokens.mixed < 2 &&
    tokens.singles < spelledLetters &&
    tokens.pairs < hexPairs
  )
    return nothing
  const found = new Found()
  if (tokens.hasLong) addBase64(text, found)
  if (tokens.hasLong || tokens.pairs >= hexPairs) addHex(text, found)
  if (tokens.percents >= fewest) addRuns(text, percents, unpercent, found)
  if (tokens.ampersands >= fewest) addRuns(text, entities, unentity, found)
  if (tokens.backslashes >= fewest) addRuns(text, escapes, unbackslash, found)
  if (tokens.singles >= spelledLetters) addSpelled(text, tokens, found)
  if (tokens.mixed > 1 && isLeet(text, tokens)) addSlices(text, unleet, found)
  if ((odd & wordClass.backwards) !== 0) addSlices(text, backwards, found)
  if ((odd & wordClass.rotated) !== 0) addSlices(text, rotate, found)
  return found
}

class Found implements DecodedViews {
  readonly views: DecodedView[] = []
  partial = false
  #left = mostDecoded

  /** False where no more fits in. */
  add(text: string | undefined, from: number, to: number): boolean {
    if (text === undefined || text.length < 6) return true
    if (this.views.length >= mostViews || this.#left < text.length) {
      this.partial = true
      return false
    }
    this.#left -= text.length
    this.views.push({ text, from, to })
    return true
  }
}

function addBase64(text: string, found: Found): void {
  for (const { 0: run, index } of text.matchAll(base64)) {
    const part = run.slice(0, longestView)
    const decoded = readable(Buffer.from(part, 'base64'))
    if (!found.add(decoded, index, index + run.length)) return
    if (decoded !== undefined && part !== run) found.partial = true
  }
}

function addHex(text: string, found: Found): void {
  for (const { 0: run, index } of text.matchAll(hex)) {
    const digits = run.replace(/[ :]/g, '')
    const part = digits.slice(0, longestView)
    const decoded = readable(Buffer.from(part, 'hex'))
    if (!found.add(decoded, index, index + run.length)) return
    if (decoded !== undefined && part !== digits) found.partial = true
  }
}

/** Parts of a text in which escapes follow one another closely, each with what stands around it up to a blank. */
function addRuns(text: string, spelling: RegExp, decode: (part: string) => string, found: Found): void {
  let from = -1
  let to = -1
  let count = 0
  const end = (): boolean => {
    if (count < fewest) return true
    const decoded = decode(text.slice(from, to))
    return found.add(decoded, from, to)
  }
  for (const { 0: one, index } of text.matchAll(spelling)) {
    if (from < 0 || index - to > 64 || index - from > longestView) {
      if (!end()) return
      from = wordStart(text, index, to)
      count = 0
    }
    count++
    to = wordEnd(text, index + one.length)
  }
  end()
}

function wordStart(text: string, at: number, least: number): number {
  let from = at
  while (from > Math.max(0, least, at - 64) && text.charCodeAt(from - 1) > 0x20) from--
  return from
}

function wordEnd(text: string, at: number): number {
  let to = at
  while (to < Math.min(text.length, at + 64) && text.charCodeAt(to) > 0x20) to++
  return to
}

function addSlices(text: string, decode: (part: string) => string, found: Found): void {
  for (let from = 0; from < text.length; from += longestView) {
    const part = text.slice(from, from + longestView)
    if (!found.add(decode(part), from, from + part.length)) return
  }
}

/** Rows of single letters and digits; signs between them do not end a row. */
function addSpelled(text: string, tokens: Tokens, found: Found): void {
  let first = -1
  let last = -1
  let letters = 0
  for (let i = 0; i <= tokens.count; i++) {
    const flags = i < tokens.count ? (tokens.flags[i] as number) : 0
    if ((flags & single) !== 0) {
      if (first < 0) first = i
      last = i
      letters++
    } else if ((flags & mark) === 0) {
      if (letters >= spelledLetters) {
        const from = tokens.starts[first] as number
        const to = tokens.ends[last] as number
        const part = text.slice(from, Math.min(to, from + 2 * longestView))
        if (!found.add(joined(part), from, to)) return
        if (to - from > 2 * longestView) found.partial = true
      }
      first = -1
      letters = 0
    }
  }
}

/** True where two words with digits are words of the lexicon once the digits are letters. */
function isLeet(text: string, tokens: Tokens): boolean {
  let hits = 0
  let looked = 0
  for (let i = 0; i < tokens.count && looked < mostMixed; i++) {
    if (((tokens.flags[i] as number) & mixed) === 0) continue
    looked++
    const word = text.slice(tokens.starts[i] as number, tokens.ends[i] as number).toLowerCase()
    if (isLexical(word.replace(/[0134578@$!|9]/g, (sign) => leetLetters.get(sign) ?? sign)) && ++hits > 1)
      return true
  }
  return false
}

/** A text read from its end: each of its lines comes out, the last one first. */
function backwards(part: string): string {
  return Array.from(part).reverse().join('')
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

function unpercent(part: string): string {
  return part
    .replaceAll('+', ' ')
    .replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))
}

function unentity(part: string): string {
  return part.replace(entities, (found) => {
    const name = found.slice(2).replace(';', '').toLowerCase()
    const point = name.startsWith('x') ? Number.parseInt(name.slice(1), 16) : Number(name)
    return point <= 0x10ffff ? String.fromCodePoint(point) : found
  })
}

function unbackslash(part: string): string {
  return part.replace(escapes, (found, long: string | undefined, short: string | undefined) => {
    const point = Number.parseInt(long ?? short ?? '', 16)
    return point <= 0x10ffff ? String.fromCodePoint(point) : found
  })
}
