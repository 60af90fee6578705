/**
 * True for a text that reads like sentences: many words with spaces between them, hardly anything but letters; more
 * punctuation is let in where the text is long, as in Markdown. What stands in such a text is more likely quoted than
 * meant. One pass.
 */
export function proseOf(text: string): boolean {
  const { length } = text
  if (length < 60) return false
  let letters = 0
  let spaces = 0
  let words = 0
  let spacedWords = 0
  let before = 32
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i)
    if ((unit >= 97 && unit <= 122) || unit > 127) {
      letters++
      if (!((before >= 97 && before <= 122) || before > 127)) {
        words++
        if (before === 32 || before === 10) spacedWords++
      }
    } else if (unit === 32 || unit === 10) spaces++
    before = unit
  }
  if (words < 10 || spacedWords * 100 < words * 55) return false
  const plain = (letters + spaces) * 100
  return plain >= length * 84 || (words >= 25 && plain >= length * 68)
}
