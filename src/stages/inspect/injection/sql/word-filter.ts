/** True where a word with these two first units and this length may be one of some words; false is certain. */
export type WordFilter = (first: number, second: number, length: number) => boolean

/** Compiles lower-case words into a table of their first two characters and their length: most others are told at once. */
export function compileWordFilter(words: Iterable<string>): WordFilter {
  const table = new Uint8Array(32 * 32 * 64)
  let longest = 0
  for (const word of words) {
    table[indexOf(word.charCodeAt(0), word.charCodeAt(1), word.length)] = 1
    longest = Math.max(longest, word.length)
  }
  return (first, second, length) => length <= longest && table[indexOf(first, second, length)] === 1
}

function indexOf(first: number, second: number, length: number): number {
  return ((first & 31) << 11) | ((second & 31) << 6) | (length & 63)
}

/** A hash of a word that is read unit by unit, beginning with 0. */
export function hashNext(hash: number, unit: number): number {
  return (Math.imul(hash, 33) ^ unit) | 0
}

/** The number of the word that has a hash and length, of those that were compiled; negative for any other word. */
export type WordTable = (hash: number, source: string, start: number, end: number) => number

/** Compiles words into a table by their hashes. */
export function compileWords(words: readonly string[]): WordTable {
  const size = 8_192
  const hashes = new Int32Array(size)
  const numbers = new Int16Array(size).fill(-1)
  const slotOf = (hash: number): number => (hash ^ (hash >>> 13)) & (size - 1)
  words.forEach((word, number) => {
    let hash = 0
    for (let i = 0; i < word.length; i++) hash = hashNext(hash, word.charCodeAt(i))
    let slot = slotOf(hash)
    while (numbers[slot] !== -1) slot = (slot + 1) & (size - 1)
    hashes[slot] = hash
    numbers[slot] = number
  })
  return (hash, source, start, end) => {
    for (let slot = slotOf(hash); numbers[slot] !== -1; slot = (slot + 1) & (size - 1)) {
      if (hashes[slot] !== hash) continue
      const number = numbers[slot] as number
      const word = words[number] as string
      if (word.length === end - start && source.startsWith(word, start)) return number
    }
    return -1
  }
}
