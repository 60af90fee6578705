import { type SecretKind, secretPatterns } from './secret-kinds.ts'

/** Where in a text a secret stands. */
export interface FoundSecret {
  readonly kind: SecretKind
  readonly from: number
  readonly to: number
}

/** Characters of one text that are looked through. */
const mostChars = 1 << 20
const digit = /\d/

/** Builds the search for some kinds. */
export function compileSecretSearch(kinds: readonly SecretKind[]): (text: string) => readonly FoundSecret[] {
  const patterns = secretPatterns.filter(({ kind }) => kinds.includes(kind))
  return (text) => {
    // The shortest of them all is an identity number of eleven signs, and every one has a digit or a key's words.
    if (text.length < 11) return none
    let found: FoundSecret[] | undefined
    const seen = text.length > mostChars ? text.slice(0, mostChars) : text
    const hasDigit = digit.test(seen)
    for (const { kind, words, pattern, holds } of patterns) {
      if (words === undefined ? !hasDigit : !words.some((word) => seen.includes(word))) continue
      for (const match of seen.matchAll(pattern)) {
        if (holds !== undefined && !holds(match[0])) continue
        found ??= []
        found.push({ kind, from: match.index, to: match.index + match[0].length })
      }
    }
    return found ?? none
  }
}

const none: readonly FoundSecret[] = Object.freeze([])

/** The text with its secrets taken out, each replaced by the name of its kind. */
export function redactSecrets(text: string, found: readonly FoundSecret[]): string {
  let out = ''
  let at = 0
  for (const { kind, from, to } of found.toSorted((a, b) => a.from - b.from)) {
    if (to <= at) continue
    out += `${text.slice(at, Math.max(at, from))}[removed: ${kind}]`
    at = to
  }
  return out + text.slice(at)
}
