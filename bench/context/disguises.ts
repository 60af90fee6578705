/** Ways to hide a text that published attacks use; each can be read back by a model, and must be by us. */
export type Disguise = readonly [name: string, apply: (text: string) => string]

const astral =
  (base: number, digits: number) =>
  (text: string): string =>
    text.replace(/[A-Za-z0-9]/g, (sign) => {
      const code = sign.charCodeAt(0)
      if (code < 0x3a) return String.fromCodePoint(digits + code - 0x30)
      return String.fromCodePoint(code < 0x5b ? base + code - 0x41 : base + 26 + code - 0x61)
    })

const between =
  (sign: string) =>
  (text: string): string =>
    Array.from(text).join(sign)

const lookalikes: Readonly<Record<string, string>> = {
  a: 'а',
  c: 'с',
  e: 'е',
  i: 'і',
  o: 'о',
  p: 'р',
  s: 'ѕ',
  x: 'х',
  y: 'у',
}
const leet: Readonly<Record<string, string>> = { a: '4', e: '3', i: '1', o: '0', s: '5', t: '7' }

const mapped =
  (table: Readonly<Record<string, string>>) =>
  (text: string): string =>
    text.replace(/[a-z]/g, (sign) => table[sign] ?? sign)

export const disguises: readonly Disguise[] = [
  ['plain', (text) => text],
  ['zero-width space', between('\u200b')],
  ['zero-width joiner', between('\u200d')],
  ['word joiner', between('\u2060')],
  ['soft hyphen', between('\u00ad')],
  [
    'unicode tags',
    (text) =>
      Array.from(text, (sign) => String.fromCodePoint(0xe0000 + ((sign.codePointAt(0) ?? 0x20) % 0x80))).join(
        '',
      ),
  ],
  [
    'variation selectors',
    (text) =>
      `☺${Array.from(Buffer.from(text), (byte) => String.fromCodePoint(byte < 16 ? 0xfe00 + byte : 0xe0100 + byte - 16)).join('')}`,
  ],
  [
    'full width',
    (text) => text.replace(/[!-~]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0)),
  ],
  ['mathematical bold', astral(0x1d400, 0x1d7ce)],
  ['homoglyphs', mapped(lookalikes)],
  ['diacritics', (text) => text.replace(/[aeiou]/g, (sign) => `${sign}\u0301`)],
  ['bidi override', (text) => `\u202e${Array.from(text).reverse().join('')}\u202c`],
  ['base64', (text) => `Data: ${Buffer.from(text).toString('base64')}`],
  ['hex', (text) => `Data: ${Buffer.from(text).toString('hex')}`],
  ['percent', (text) => encodeURIComponent(text)],
  [
    'percent, every octet',
    (text) => Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  ],
  ['html entities', (text) => Array.from(text, (sign) => `&#${sign.codePointAt(0)};`).join('')],
  [
    'unicode escapes',
    (text) => Array.from(text, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  ],
  ['leet', mapped(leet)],
  [
    'rot13',
    (text) =>
      text.replace(/[A-Za-z]/g, (sign) => {
        const base = sign < 'a' ? 65 : 97
        return String.fromCharCode(((sign.charCodeAt(0) - base + 13) % 26) + base)
      }),
  ],
  ['spaced letters', between(' ')],
  ['reversed', (text) => Array.from(text).reverse().join('')],
  ['html comment', (text) => `<!-- ${text} -->`],
]
