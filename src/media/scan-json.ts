import type { JsonLimits, JsonProblem } from './json-problem.ts'

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const comma = 0x2c
const colon = 0x3a

/** Keys of one object: a short list first, a set once the list is long. */
class Keys {
  private few: string[] = []
  private many: Set<string> | undefined

  /** False when the key is already there. */
  add(key: string): boolean {
    if (this.many === undefined) {
      if (this.few.includes(key)) return false
      this.few.push(key)
      if (this.few.length > 12) this.many = new Set(this.few)
      return true
    }
    const before = this.many.size
    return this.many.add(key).size > before
  }
}

/**
 * Walks a text that `JSON.parse` has accepted and looks for what it does not refuse. Returns whether every
 * number is held exactly by a double (integers: up to 2^53 - 1), or the problem. Linear in the text; stack bounded by `limits.depth`.
 */
export function scanJson(text: string, limits: JsonLimits): boolean | JsonProblem {
  const { keys: maxKeys = Number.POSITIVE_INFINITY, items: maxItems = Number.POSITIVE_INFINITY } = limits
  const { string: maxString = text.length, digits: maxDigits = text.length } = limits
  const stack: (Keys | undefined)[] = []
  const counts: number[] = []
  /** Commas of the open array or object. */
  let count = 0
  let keys: Keys | undefined
  let members = 0
  let exact = true
  // Within an object the next string is a key after `{` and after `,`.
  let expectKey = false
  const end = text.length
  let at = 0
  while (at < end) {
    const code = text.charCodeAt(at)
    switch (code) {
      case quote: {
        const close = endOfString(text, at + 1)
        const escaped = close < 0
        const stop = escaped ? -close : close
        if (stop - at - 1 > maxString) return 'string too long'
        if (escaped && hasLoneSurrogate(text, at + 1, stop)) return 'lone surrogate'
        if (expectKey && keys !== undefined) {
          const raw = text.slice(at + 1, stop)
          const key = escaped ? (JSON.parse(`"${raw}"`) as string) : raw
          if (key === '__proto__' || key === 'constructor' || key === 'prototype') return 'reserved key'
          if (!keys.add(key)) return 'duplicate key'
          expectKey = false
        }
        at = stop + 1
        break
      }
      case openBrace:
      case openBracket:
        if (stack.length >= limits.depth) return 'too deep'
        stack.push(keys)
        counts.push(count)
        count = 0
        keys = code === openBrace ? new Keys() : undefined
        expectKey = code === openBrace
        if (++members > limits.members) return 'too many members'
        at++
        break
      case closeBrace:
      case closeBracket:
        keys = stack.pop()
        count = counts.pop() ?? 0
        expectKey = false
        at++
        break
      case comma:
        expectKey = keys !== undefined
        if (++count >= (expectKey ? maxKeys : maxItems))
          return expectKey ? 'too many keys' : 'too many elements'
        if (++members > limits.members) return 'too many members'
        at++
        break
      case colon:
        at++
        break
      default:
        if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
          const stop = endOfNumber(text, at)
          if (stop - at > maxDigits) return 'number too long'
          // Fifteen digits always fit a double.
          if (stop - at > 15 || hasExponent(text, at, stop)) {
            const source = text.slice(at, stop)
            const value = Number(source)
            if (!Number.isFinite(value)) return 'number out of range'
            if (isLongInteger(source, value) || !isExact(source, value)) exact = false
          }
          at = stop
        } else at++
    }
  }
  return exact
}

/** Index of the closing quote; negative where the string holds an escape. */
function endOfString(text: string, from: number): number {
  let escaped = false
  for (let at = from; ; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) return escaped ? -at : at
    if (code === backslash) {
      escaped = true
      at++
    }
  }
}

function hasLoneSurrogate(text: string, from: number, to: number): boolean {
  for (let at = text.indexOf('\\', from); at >= 0 && at < to; at = text.indexOf('\\', at)) {
    if (text.charCodeAt(at + 1) !== 0x75) {
      at += 2
      continue
    }
    const unit = Number.parseInt(text.slice(at + 2, at + 6), 16)
    at += 6
    if (unit < 0xd800 || unit > 0xdfff) continue
    if (unit > 0xdbff) return true
    if (text.charCodeAt(at) !== backslash || text.charCodeAt(at + 1) !== 0x75) return true
    const low = Number.parseInt(text.slice(at + 2, at + 6), 16)
    if (low < 0xdc00 || low > 0xdfff) return true
    at += 6
  }
  return false
}

function endOfNumber(text: string, from: number): number {
  let at = from + 1
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const digit = code >= 0x30 && code <= 0x39
    if (!digit && code !== 0x2e && code !== 0x65 && code !== 0x45 && code !== 0x2b && code !== 0x2d) break
  }
  return at
}

function hasExponent(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x65 || code === 0x45) return true
  }
  return false
}

/** An integer that other integers share a double with: as a number it could not be told from them. */
function isLongInteger(source: string, value: number): boolean {
  return !Number.isSafeInteger(value) && /^-?\d+$/.test(source)
}

/** Whether the shortest decimal of the double denotes the same number as the source. */
function isExact(source: string, value: number): boolean {
  return canonicalDecimal(source) === canonicalDecimal(String(value))
}

/** `sign digits e exponent` with no leading or trailing zero digit. */
function canonicalDecimal(source: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source)
  if (match === null) return source
  const fraction = match[3] ?? ''
  const digits = (match[2] as string) + fraction
  const trimmed = digits.replace(/^0+/, '')
  const significant = trimmed.replace(/0+$/, '')
  if (significant === '') return '0'
  const exponent = Number(match[4] ?? 0) - fraction.length + (trimmed.length - significant.length)
  return `${match[1] ?? ''}${significant}e${exponent}`
}
