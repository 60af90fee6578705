/** Two random words that key a table's hash, so that nobody outside can aim at its buckets. */
export function randomSeed(): [number, number] {
  const words = crypto.getRandomValues(new Uint32Array(2))
  return [words[0] ?? 0, words[1] ?? 0]
}
