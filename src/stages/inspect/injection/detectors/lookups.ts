const maxRounds = 12

/**
 * Resolves nested Log4j lookups as Log4j would, where their value is known from the text: `${lower:J}` is `j`,
 * `${::-n}` and `${env:NONE:-d}` are their defaults. Innermost first, a bounded number of rounds.
 */
export function resolveLookups(text: string): string {
  let current = text
  for (let round = 0; round < maxRounds; round++) {
    const next = current.replace(/\$\{([^${}]{0,200})\}/g, (whole: string, inner: string) => {
      const fallback = inner.indexOf(':-')
      if (fallback >= 0) return inner.slice(fallback + 2)
      const folded =
        /^\s{0,4}(?:lower|upper|base64|date|marker|map|urldecoder|urlencoder|main|ctx):\s{0,4}'?(.{0,40}?)'?$/.exec(
          inner,
        )
      return folded?.[1] ?? (inner.startsWith('jndi') ? whole : '')
    })
    if (next === current) break
    current = next
  }
  return current
}
