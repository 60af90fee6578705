import { isAscii, isUtf8 } from 'node:buffer'
import type { JsonLimits, JsonProblem } from './json-problem.ts'
import { scanJson } from './scan-json.ts'

export const defaultJsonLimits: JsonLimits = { depth: 64, members: 100_000 }

/** A text that every parser reads the same way. */
export interface JsonText {
  readonly text: string
  /** Parsed with ordinary numbers. */
  readonly value: unknown
  /** False where a number in the text is not exactly the number in `value`. */
  readonly exact: boolean
}

/**
 * The one strict reading of JSON (RFC 8259): UTF-8 without byte order mark, no duplicate or reserved
 * (`__proto__`, `constructor`, `prototype`) key, no lone surrogate, bounded depth and size. What two parsers
 * could read differently is a problem, not a value (CVE-2022-25757 and its kin).
 */
export function parseJson(bytes: Uint8Array, limits: JsonLimits = defaultJsonLimits): JsonText | JsonProblem {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let text: string
  if (isAscii(buffer)) text = buffer.toString('latin1')
  else if (isUtf8(buffer)) text = buffer.toString('utf8')
  else return 'encoding'
  if (text.charCodeAt(0) === 0xfeff) return 'byte order mark'
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'syntax'
  }
  const scanned = scanJson(text, limits)
  if (typeof scanned === 'string') return scanned
  return { text, value, exact: scanned }
}

/**
 * The value with every number that a double cannot hold kept exactly: integers as `bigint`, for rules that
 * compare ids. The same object as `value` where all numbers are exact.
 */
export function exactValue(json: JsonText): unknown {
  if (json.exact) return json.value
  return JSON.parse(json.text, (_key, value: unknown, context?: { source?: string }) => {
    const source = context?.source
    if (typeof value !== 'number' || source === undefined || Number.isSafeInteger(value)) return value
    return /^-?\d+$/.test(source) ? BigInt(source) : value
  })
}

/**
 * The value for judging and printing it again: integers that a double cannot hold as `bigint`, other numbers that would
 * be printed differently as they were read. The same object as `value` where all numbers are exact.
 */
export function printableValue(json: JsonText): unknown {
  if (json.exact) return json.value
  return JSON.parse(json.text, (_key, value: unknown, context?: { source?: string }) => {
    const source = context?.source
    if (typeof value !== 'number' || source === undefined || String(value) === source) return value
    return /^-?\d+$/.test(source) ? BigInt(source) : rawJson(source)
  })
}

/** A `printableValue` as text, its numbers as they were read. */
export function printJson(value: unknown, exact: boolean): string {
  if (exact) return JSON.stringify(value)
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'bigint' ? rawJson(String(member)) : member,
  )
}

// JSON.rawJSON is ES2025+ and not yet in the compiler's library.
const rawJson: (text: string) => unknown = (JSON as unknown as { rawJSON: (text: string) => unknown }).rawJSON
