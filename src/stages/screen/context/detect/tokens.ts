import { at, boundary, colon, fence, firstLetter, foldAstral, foldTable, separator } from './fold-table.ts'

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

/** Words of a text: hash, place and flags of each, in arrays that are used again. */
export class Tokens {
  count = 0
  hashes: Int32Array = new Int32Array(1024)
  starts: Int32Array = new Int32Array(1024)
  ends: Int32Array = new Int32Array(1024)
  flags: Uint8Array = new Uint8Array(1024)
  /** True where a run was too long for a word: a cheap sign that something may be encoded. */
  hasLong = false

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
  let hash = 0x811c9dc5 | 0
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193)
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
  let hash = 0x811c9dc5 | 0
  let start = -1
  let length = 0
  let digits = 0
  let capitals = 0
  // The sentence before the first word ends where the text begins.
  let pending = boundaryToken
  let pendingAt = from
  for (let i = from; i <= to; i++) {
    let code = 0
    let unit = 0
    if (i < to) {
      unit = text.charCodeAt(i)
      code = fold[unit] as number
      if (unit > 0xd7ff && unit < 0xdc00 && i + 1 < to) {
        const point = ((unit - 0xd800) << 10) + text.charCodeAt(i + 1) - 0xdc00 + 0x10000
        code = point >= 0xe0000 && point <= 0xe01ef ? 1 : foldAstral(point)
        i++
      }
    }
    if (code >= firstLetter && !isIdeograph(unit)) {
      if (start < 0) {
        start = i
        if (pending !== 0) {
          tokens.add(pending, pendingAt, i, 0)
          pending = 0
        }
      }
      hash = Math.imul(hash ^ code, 0x01000193)
      length++
      if (code < 0x3a) digits++
      else if (unit < 0x5b) capitals++
      continue
    }
    if (code === 1) continue
    if (start >= 0) {
      const letters = length - digits
      if (letters === 0) tokens.add(numberToken, start, i, 0)
      else if (length > longest) {
        tokens.hasLong = true
        tokens.add(longToken, start, i, 0)
      } else {
        const caps = capitals === letters && letters > 2 ? allCaps : 0
        const both = digits > 0 ? mixed : 0
        tokens.add(finish(hash), start, i, caps | both | (length === 1 ? single : 0))
      }
      start = -1
      length = 0
      digits = 0
      capitals = 0
      hash = 0x811c9dc5 | 0
      if (code === at && i + 1 < to && (fold[text.charCodeAt(i + 1)] as number) >= firstLetter) {
        tokens.add(addressToken, i, i + 1, 0)
        continue
      }
    }
    if (isIdeograph(unit) && code >= firstLetter) {
      if (pending !== 0) {
        tokens.add(pending, pendingAt, i, 0)
        pending = 0
      }
      tokens.add(finish(Math.imul(hash ^ code, 0x01000193)), i, i + 1, 0)
    } else if (code === boundary || (unit === 0x2e && isEnd(text, i + 1, to))) {
      pending = boundaryToken
      pendingAt = i
    } else if (code === colon && pending !== boundaryToken) {
      pending = colonToken
      pendingAt = i
    } else if (code === fence && pending === separator) {
      pending = fenceToken
      pendingAt = i
    }
  }
}

/** A full stop ends a sentence only before a blank: addresses and numbers hold others. */
function isEnd(text: string, next: number, to: number): boolean {
  if (next >= to) return true
  const unit = text.charCodeAt(next)
  return unit <= 0x20 || unit === 0x22 || unit === 0x27 || unit === 0x29
}

/** Scripts that are written without blanks between words. */
function isIdeograph(unit: number): boolean {
  return unit >= 0x3040 && unit <= 0x9fff
}
