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
  const wide = decodeWide(bytes)
  if (wide !== undefined) return wide
  let odd = 0
  for (const byte of bytes) if (byte < 9 || (byte > 13 && byte < 32) || byte > 126) odd++
  return odd * 20 > bytes.length ? undefined : bytes.toString('latin1')
}

/** UTF-16 as PowerShell and XML have it: every other byte is zero. */
function decodeWide(bytes: Buffer): string | undefined {
  if (bytes.length < 12 || bytes.length % 2 !== 0) return undefined
  let even = 0
  let uneven = 0
  for (let i = 0; i < bytes.length; i += 2) {
    if (bytes[i] === 0) even++
    if (bytes[i + 1] === 0) uneven++
  }
  const most = (bytes.length / 2) * 0.9
  if (uneven >= most) return bytes.toString('utf16le')
  return even >= most ? Buffer.from(bytes).swap16().toString('utf16le') : undefined
}
