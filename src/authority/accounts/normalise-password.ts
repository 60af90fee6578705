/** The most characters a password may have: hashing must not become a way to keep the gateway busy. */
export const longestPassword = 1_024

/**
 * The one normalisation: Unicode NFC, as RFC 8265 (OpaqueString) has it, so that the same keys give the same password on
 * every keyboard. Nothing is trimmed, folded or cut. Undefined for half characters and for more than 1,024 characters.
 */
export function normalisePassword(text: string): string | undefined {
  // A character is at most two code units.
  if (text.length > 2 * longestPassword || !text.isWellFormed()) return undefined
  const normal = text.normalize('NFC')
  return lengthOf(normal) > longestPassword ? undefined : normal
}

/** Characters, not code units (SP 800-63B-4 §3.1.1.2). */
export function lengthOf(text: string): number {
  let length = 0
  for (const _ of text) length++
  return length
}
