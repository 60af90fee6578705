import {
  ampersand,
  at,
  boundary,
  colon,
  fence,
  firstLetter,
  foldAstral,
  foldTable,
  percent,
  separator,
  silent,
} from './fold-table.ts'

const basis = 0x811c9dc5 | 0
const prime = 0x01000193

/** Hashes of what is no word. */
export const boundaryToken: number = hashWord('\u0001boundary')
const colonToken = hashWord('\u0001colon')
const fenceToken = hashWord('\u0001fence')
export const addressToken: number = hashWord('\u0001address')
const numberToken = hashWord('\u0001number')
const longToken = hashWord('\u0001long')

/** Units of a word; what is longer is no word (base64, keys, hashes) and is one token. */
const longest = 28

/** Flags of a token. */
export const allCaps = 1
/** Letters and digits mixed, as in leet. */
export const mixed = 2
export const single = 4
/** No word: the end of a sentence, a colon, a fence. */
export const mark = 8

/** Words of a text: hash, place and flags of each, in arrays that are used again. */
export class Tokens {
  count = 0
  hashes: Int32Array = new Int32Array(1024)
  starts: Int32Array = new Int32Array(1024)
  ends: Int32Array = new Int32Array(1024)
  flags: Uint8Array = new Uint8Array(1024)
  /** True where a run was too long for a word. This and the numbers below are cheap signs that something may be encoded. */
  hasLong = false
  percents = 0
  ampersands = 0
  backslashes = 0
  /** Words of letters and digits. */
  mixed = 0
  /** Words of one letter, and the longest row of words of two. */
  singles = 0
  pairs = 0

  add(hash: number, start: number, end: number, flags: number): void {
    if (this.count === this.hashes.length) this.#grow()
    const { count } = this
    this.hashes[count] = hash
    this.starts[count] = start
    this.ends[count] = end
    this.flags[count] = flags
    this.count = count + 1
  }

  clear(): void {
    this.count = 0
    this.hasLong = false
    this.percents = 0
    this.ampersands = 0
    this.backslashes = 0
    this.mixed = 0
    this.singles = 0
    this.pairs = 0
  }

  #grow(): void {
    const size = this.hashes.length * 2
    this.hashes = copied(new Int32Array(size), this.hashes)
    this.starts = copied(new Int32Array(size), this.starts)
    this.ends = copied(new Int32Array(size), this.ends)
    this.flags = copied(new Uint8Array(size), this.flags)
  }
}

function copied<A extends Int32Array | Uint8Array>(target: A, source: A): A {
  target.set(source)
  return target
}

/** The hash that the tokenizer gives a word written in lower case, without marks. */
export function hashWord(word: string): number {
  let hash = basis
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), prime)
  return finish(hash)
}

function finish(hash: number): number {
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x85ebca6b)
  return hash ^ (hash >>> 13)
}

/**
 * Splits `text` from `from` to `to` into words of folded letters. Linear, no allocation. Han and kana are a word each;
 * ends of sentences, colons, fences and `@` inside an address are tokens of their own.
 */
export function tokenize(text: string, tokens: Tokens, from = 0, to: number = text.length): void {
  const fold = foldTable()
  tokens.clear()
  // The sentence before the first word ends where the text begins.
  let pending = boundaryToken
  let pendingAt = from
  let pairs = 0
  let i = from
  while (i < to) {
    let unit = text.charCodeAt(i)
    let code = fold[unit] as number
    let width = 1
    if (unit > 0xd7ff && unit < 0xdc00 && i + 1 < to) {
      code = foldPair(unit, text.charCodeAt(i + 1))
      width = 2
    }
    if (code < firstLetter) {
      if (code === boundary || (unit === 0x2e && isEnd(text, i + 1, to))) {
        pending = boundaryToken
        pendingAt = i
      } else if (code === colon) {
        if (pending !== boundaryToken) {
          pending = colonToken
          pendingAt = i
        }
      } else if (code === fence) {
        if (pending === separator) {
          pending = fenceToken
          pendingAt = i
        }
      } else if (code >= percent) {
        if (code === percent) tokens.percents++
        else if (code === ampersand) tokens.ampersands++
        else tokens.backslashes++
      }
      i += width
      continue
    }
    if (pending !== separator) {
      tokens.add(pending, pendingAt, i, mark)
      pending = separator
    }
    if (isIdeograph(code)) {
      tokens.add(finish(Math.imul(basis ^ code, prime)), i, i + 1, 0)
      i++
      continue
    }
    const start = i
    let hash = basis
    let length = 0
    let digits = 0
    let capitals = 0
    for (;;) {
      if (code >= firstLetter) {
        if (isIdeograph(code)) break
        hash = Math.imul(hash ^ code, prime)
        length++
        if (code < 0x3a) digits++
        else if (unit < 0x5b) capitals++
      } else if (code !== silent) break
      i += width
      if (i >= to) break
      unit = text.charCodeAt(i)
      code = fold[unit] as number
      width = 1
      if (unit > 0xd7ff && unit < 0xdc00 && i + 1 < to) {
        code = foldPair(unit, text.charCodeAt(i + 1))
        width = 2
      }
    }
    const letters = length - digits
    if (letters === 0) tokens.add(numberToken, start, i, length === 1 ? single : 0)
    else if (length > longest) {
      tokens.hasLong = true
      tokens.add(longToken, start, i, 0)
    } else {
      const caps = capitals === letters && letters > 2 ? allCaps : 0
      if (digits > 0 && digits < 10) tokens.mixed++
      tokens.add(finish(hash), start, i, caps | (digits > 0 ? mixed : 0) | (length === 1 ? single : 0))
    }
    if (length === 1) tokens.singles++
    pairs = length === 2 ? pairs + 1 : 0
    if (pairs > tokens.pairs) tokens.pairs = pairs
    if (code === at && i + 1 < to && (fold[text.charCodeAt(i + 1)] as number) >= firstLetter) {
      tokens.add(addressToken, i, i + 1, 0)
      i++
    }
  }
}

/** What a pair of surrogates is to the tokenizer. */
function foldPair(high: number, low: number): number {
  const point = ((high - 0xd800) << 10) + low - 0xdc00 + 0x10000
  return point >= 0xe0000 && point <= 0xe01ef ? silent : foldAstral(point)
}

/** A full stop ends a sentence only before a blank: addresses and numbers hold others. */
function isEnd(text: string, next: number, to: number): boolean {
  if (next >= to) return true
  const unit = text.charCodeAt(next)
  return unit <= 0x20 || unit === 0x22 || unit === 0x27 || unit === 0x29
}

/** Scripts that are written without blanks between words. */
function isIdeograph(code: number): boolean {
  return code >= 0x3040 && code <= 0x9fff
}
