const rows = [
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'yxcvbnm',
  'azertyuiop',
  'qsdfghjklm',
  '1234567890',
]
const near: ReadonlySet<string> = new Set(rows.flatMap((row) => pairs(row)))

/**
 * Whether a text (lower case) is a few runs of neighbours: the same character, the alphabet, digits, keys in a row. Such
 * texts are too many for a list.
 */
export function isRuns(text: string): boolean {
  const characters = [...text]
  let breaks = 0
  for (const [index, character] of characters.entries()) {
    const before = characters[index - 1]
    if (before === undefined) continue
    const step = (character.codePointAt(0) ?? 0) - (before.codePointAt(0) ?? 0)
    if (Math.abs(step) > 1 && !near.has(before + character)) breaks++
  }
  return breaks <= Math.floor(characters.length / 6)
}

/** The shortest text that this one is a repetition of; the text itself where it repeats nothing. */
export function unitOf(text: string): string {
  // The text occurs in its own double at its period.
  return text.slice(0, (text + text).indexOf(text, 1))
}

function pairs(row: string): string[] {
  const found: string[] = []
  for (let i = 0; i + 1 < row.length; i++) {
    const pair = row.slice(i, i + 2)
    found.push(pair, [...pair].reverse().join(''))
  }
  return found
}
