/** Characters that are often mapped to, or taken for, an ASCII character, beyond compatibility forms (UTS 39). */
const pairs: readonly (readonly [string, string])[] = [
  ['\u2018\u2019\u201a\u201b\u2032\u02b9\u02bb\u02bc\u02bd\u02c8\u00b4\u02b0\u05f3\ua78c', "'"],
  ['\u201c\u201d\u201e\u201f\u2033\u02ba\u3003', '"'],
  ['\u2010\u2011\u2012\u2013\u2212\u00ad', '-'],
  ['\u2044\u2215\u29f8', '/'],
  ['\u2216\u29f5\ufe68', '\\'],
  ['\u2039\u2329\u3008\u02c2', '<'],
  ['\u203a\u232a\u3009\u02c3', '>'],
  ['\u3002', '.'],
  ['\u037e', ';'],
  // Their low bytes are line breaks, and some servers keep only those.
  ['\u560a', '\n'],
  ['\u560d', '\r'],
  ['\u0430\u0251', 'a'],
  ['\u0441\u03f2', 'c'],
  ['\u0435', 'e'],
  ['\u0456\u0131\u0269', 'i'],
  ['\u0458', 'j'],
  ['\u043e\u03bf', 'o'],
  ['\u0440\u03c1', 'p'],
  ['\u0455', 's'],
  ['\u0445\u03c7', 'x'],
  ['\u0443\u03b3', 'y'],
  ['\u017f', 's'],
  ['\u212a', 'K'],
  ['\u0410\u0391', 'A'],
  ['\u0415\u0395', 'E'],
  ['\u041e\u039f', 'O'],
]

const plain = new Map(pairs.flatMap(([many, one]) => [...many].map((character) => [character, one] as const)))

/** Nothing to see and nothing to read: zero-width, bidi and variation marks, controls. */
const silent =
  /^[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufffd]$|^(?:\ufe00|\ufe01|\ufe0e|\ufe0f)$/
const space = /^[\u00a0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/

const cache = new Map<string, string>()

/** The ASCII that a character stands for; itself where it stands for none. Also for a surrogate pair. */
export function plainOf(character: string): string {
  const known = cache.get(character)
  if (known !== undefined) return known
  const made = plain.get(character) ?? folded(character)
  if (cache.size < 4096) cache.set(character, made)
  return made
}

function folded(character: string): string {
  if (silent.test(character)) return ''
  if (space.test(character)) return ' '
  const compatible = character.normalize('NFKC')
  return compatible.length <= character.length + 2 && /^[\x20-\x7e]+$/.test(compatible)
    ? compatible
    : character
}
