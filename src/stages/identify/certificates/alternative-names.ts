/** One subject alternative name of a certificate. */
export interface AlternativeName {
  /** As node:crypto names it: `DNS`, `URI`, `email`, `IP Address`, `DirName`, `othername`, `Registered ID`. */
  readonly kind: string
  /** Decoded; may hold anything, a NUL too. */
  readonly value: string
}

const entry = /([A-Za-z][A-Za-z ]*):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y

/**
 * Reads `X509Certificate.subjectAltName`: names joined by `, `, each value plain or, where it holds a character that
 * could be taken for a separator or a control, a JSON string (CVE-2021-44532). Undefined where the text is anything
 * else; empty where there are no names.
 */
export function parseAlternativeNames(text: string | undefined): readonly AlternativeName[] | undefined {
  const names: AlternativeName[] = []
  if (text === undefined || text === '') return names
  entry.lastIndex = 0
  while (entry.lastIndex < text.length) {
    const match = entry.exec(text)
    if (match === null) return undefined
    const [, kind = '', raw = ''] = match
    const value = raw.startsWith('"') ? decode(raw) : raw
    if (value === undefined) return undefined
    names.push({ kind, value })
  }
  return names
}

function decode(raw: string): string | undefined {
  try {
    const value: unknown = JSON.parse(raw)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
