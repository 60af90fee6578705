import { decodeBase64Text } from './base64-text.ts'
import { decodeOnce } from './decode-once.ts'

/** A reading of a text, and how many escapes were undone on the way to it: typographic signs are none. */
export interface Reading {
  readonly text: string
  readonly depth: number
}

/** Decodings of one text at most; base64 counts as one and is tried once. */
export const maxDepth = 3

/** What a decoder may find something to do on. Sound: where it fails, `decodeOnce` changes nothing. */
const encodedHint = /[%&\\\u0080-\uffff\u0000-\u0008\u000e-\u001f\u007f]|\+a[c-h]/i
/** Escapes; and letters and digits that are encircled or of full width, which nobody types. */
const escapeHint = /[%&\\\u2460-\u24ff\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]|\+a[c-h]/i

const plusForBlank = /[\w)"'*=,]\+[\w('"]|\s\+\w/

/**
 * The readings of a text beyond the text itself: each decodes percent, entity, escape and look-alike spellings of
 * the one before, until nothing changes; then once what base64 holds. At most seven.
 */
export function* readingsOf(text: string): Generator<Reading> {
  let current = text
  let depth = 0
  let opened = false
  for (let round = 0; round <= maxDepth; round++) {
    if (round > 0) yield { text: current, depth }
    if (!opened) {
      const inner = decodeBase64Text(current)
      if (inner !== undefined) {
        opened = true
        yield { text: inner, depth: depth + 1 }
        let deeper = inner
        for (let i = 0; i < 2; i++) {
          const next = isEncoded(deeper) ? decodeOnce(deeper) : deeper
          if (next === deeper) break
          yield { text: next, depth: depth + 2 + i }
          deeper = next
        }
      }
    }
    const next = round < maxDepth && isEncoded(current) ? decodeOnce(current) : current
    if (next === current) {
      // A form that was encoded twice keeps its blanks as plus signs.
      if (plusForBlank.test(current) && !/\s/.test(current))
        yield { text: current.replaceAll('+', ' '), depth: depth + 1 }
      return
    }
    if (escapeHint.test(current)) depth++
    current = next
  }
}

function isEncoded(text: string): boolean {
  return encodedHint.test(text)
}
