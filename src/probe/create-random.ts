/** Seeded, so that the same seed makes the same probe (mulberry32). Not for secrets. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** `length` characters of a–z and 0–9. */
export function randomWord(random: () => number, length: number): string {
  let word = ''
  while (word.length < length) word += Math.floor(random() * 36).toString(36)
  return word
}
