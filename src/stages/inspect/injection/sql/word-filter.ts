/** True where the part of a text may be one of some words; false is certain. */
export type WordFilter = (source: string, start: number, end: number) => boolean

/** Compiles lower-case words into a table of their first two characters and their length: most others are told at once. */
export function compileWordFilter(words: Iterable<string>): WordFilter {
  const table = new Uint8Array(32 * 32 * 64)
  let longest = 0
  for (const word of words) {
    table[indexOf(word.charCodeAt(0), word.charCodeAt(1), word.length)] = 1
    longest = Math.max(longest, word.length)
  }
  return (source, start, end) =>
    end - start <= longest &&
    table[indexOf(source.charCodeAt(start), source.charCodeAt(start + 1), end - start)] === 1
}

function indexOf(first: number, second: number, length: number): number {
  return ((first & 31) << 11) | ((second & 31) << 6) | (length & 63)
}
