/** True for a text that reads like sentences: many words, hardly anything but letters and spaces. */
export function proseOf(text: string): boolean {
  const { length } = text
  if (length < 60) return false
  const end = Math.min(length, 4096)
  let plain = 0
  let words = 0
  let inWord = false
  for (let i = 0; i < end; i++) {
    const unit = text.charCodeAt(i)
    const letter = (unit >= 97 && unit <= 122) || unit > 127
    if (letter) {
      plain++
      if (!inWord) words++
    } else if (unit === 32 || unit === 10) plain++
    inWord = letter
  }
  return words >= 10 && plain * 100 >= end * 84
}
