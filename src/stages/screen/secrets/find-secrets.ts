import { type SecretKind, secretPatterns } from './secret-kinds.ts'

/** Where in a text a secret stands. */
export interface FoundSecret {
  readonly kind: SecretKind
  readonly from: number
  readonly to: number
}

export interface SecretSearch {
  /** A cheap look: false where there is certainly none. */
  mayHold(text: string): boolean
  /** The same of a JSON text, whose strings may be written with escapes. */
  mayHoldJson(text: string): boolean
  find(text: string): readonly FoundSecret[]
}

/** Characters that are looked through at once; a longer text is read in parts that overlap. */
const partChars = 262_144
const overlap = 20_480
const none: readonly FoundSecret[] = Object.freeze([])

/** Builds the search for some kinds: one literal prefilter, and behind it linear patterns with their checksums. */
export function compileSecretSearch(kinds: readonly SecretKind[]): SecretSearch {
  const patterns = secretPatterns.filter(({ kind }) => kinds.includes(kind))
  const prefilter = new RegExp([...new Set(patterns.map(({ sign }) => sign.source))].join('|'))

  function findIn(text: string, offset: number, found: FoundSecret[]): void {
    for (const { kind, sign, pattern, holds } of patterns) {
      if (!sign.test(text)) continue
      for (const match of text.matchAll(pattern)) {
        if (holds !== undefined && !holds(match[0])) continue
        found.push({ kind, from: offset + match.index, to: offset + match.index + match[0].length })
      }
    }
  }

  const mayHold = (text: string): boolean => text.length > 10 && prefilter.test(text)
  return {
    mayHold,
    // Only `\/` and `\u` hide what the prefilter looks for.
    mayHoldJson: (text) => mayHold(text) || text.includes('\\u') || text.includes('\\/'),
    find(text) {
      if (!mayHold(text)) return none
      const found: FoundSecret[] = []
      if (text.length <= partChars) findIn(text, 0, found)
      else
        for (let at = 0; at < text.length; at += partChars)
          findIn(text.slice(at, at + partChars + overlap), at, found)
      return found
    },
  }
}

/** The text with its secrets taken out, each replaced by the name of its kind. */
export function redactSecrets(text: string, found: readonly FoundSecret[]): string {
  let out = ''
  let at = 0
  for (const { kind, from, to } of found.toSorted((a, b) => a.from - b.from)) {
    if (to <= at) continue
    out += from < at ? '' : `${text.slice(at, from)}[removed: ${kind}]`
    at = to
  }
  return out + text.slice(at)
}
