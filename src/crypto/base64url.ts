// Last characters whose unused low bits are zero, by the number of characters in the last group.
const endsOfTwo = 'AQgw'
const endsOfThree = 'AEIMQUYcgkosw048'

const alphabet = /^[A-Za-z0-9_-]+$/

/**
 * Whether a text is base64url in its one canonical form (RFC 7515 §2): alphabet of RFC 4648 §5, no padding, no
 * whitespace, unused bits zero. Exactly one text then stands for each byte string.
 */
export function isBase64url(text: string): boolean {
  return alphabet.test(text) && hasCanonicalEnd(text, 0, text.length)
}

/** The same for `text[from, to)` whose alphabet has been checked before. */
export function hasCanonicalEnd(text: string, from: number, to: number): boolean {
  const rest = (to - from) % 4
  if (rest === 0) return true
  if (rest === 1) return false
  return (rest === 2 ? endsOfTwo : endsOfThree).includes(text.charAt(to - 1))
}
