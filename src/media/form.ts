/** One decoded field of a form, in order of appearance. */
export interface FormPair {
  readonly name: string
  readonly value: string
}

const maxPairs = 1_000

/**
 * Reads `application/x-www-form-urlencoded` (WHATWG URL §5.1) strictly: a bad percent escape, bytes outside ASCII,
 * controls but blanks and line breaks (which every parser takes as they are), a NUL or more than 1,000 fields are `undefined`, where lenient parsers would each guess.
 */
export function parseForm(text: string): readonly FormPair[] | undefined {
  const pairs: FormPair[] = []
  if (text === '') return pairs
  for (const part of text.split('&', maxPairs + 1)) {
    // A blank where a name begins: some parsers take it away, others keep it.
    if (part === '' || part.charCodeAt(0) <= 32 || pairs.length === maxPairs) return undefined
    const equals = part.indexOf('=')
    const name = decodeFormText(equals < 0 ? part : part.slice(0, equals))
    const value = equals < 0 ? '' : decodeFormText(part.slice(equals + 1))
    if (name === undefined || value === undefined) return undefined
    if (name === '__proto__' || name === 'constructor' || name === 'prototype') return undefined
    pairs.push({ name, value })
  }
  return pairs
}

function decodeFormText(text: string): string | undefined {
  if (/[^\t\n\r\x20-\x7e]/.test(text)) return undefined
  try {
    const decoded = decodeURIComponent(text.replaceAll('+', ' '))
    return decoded.includes('\0') ? undefined : decoded
  } catch {
    return undefined
  }
}
