const shape = /^[A-Za-z0-9+/_-]{16,}={0,2}$/

/**
 * The text that a base64 or base64url value holds; undefined where the value is none, or what it holds is not nearly
 * all printable ASCII: a random token decodes to bytes, not to a text.
 */
export function decodeBase64Text(text: string): string | undefined {
  if (text.length < 16 || text.length > 65_536) return undefined
  const comma = text.startsWith('data:') ? text.indexOf(';base64,') : -1
  const value = comma < 0 ? text : text.slice(comma + 8)
  if (!shape.test(value)) return undefined
  const bytes = Buffer.from(value, 'base64')
  let odd = 0
  for (const byte of bytes) if (byte < 9 || (byte > 13 && byte < 32) || byte > 126) odd++
  return odd * 20 > bytes.length ? undefined : bytes.toString('latin1')
}
