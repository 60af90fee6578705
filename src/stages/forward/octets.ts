/** Classes of octets in a message head (RFC 9110 section 5.6.2, RFC 9112 section 5). */
export const TOKEN = 1
/** SP, HTAB, VCHAR and obs-text: what a field value may hold. */
export const TEXT = 2

/** Octet → the classes it is in. */
export const octets: Uint8Array = classify()

function classify(): Uint8Array {
  const table = new Uint8Array(256)
  for (let c = 0x20; c < 256; c++) if (c !== 0x7f) table[c] = TEXT
  table[0x09] = TEXT
  const token = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
  for (let i = 0; i < token.length; i++) table[token.charCodeAt(i)] = TEXT | TOKEN
  return table
}

export const CR = 13
export const LF = 10
export const SP = 32
export const HT = 9
export const COLON = 58
