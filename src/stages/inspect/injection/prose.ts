import { unitsOf } from './text-units.ts'

/**
 * True for a text that reads like sentences: many words with spaces between them, hardly anything but letters; more
 * punctuation is let in where the text is long, in Markdown. What stands in such a text is more likely quoted than
 * meant. One pass.
 */
export function proseOf(text: string): boolean {
  const { length } = text
  if (length < 60) return false
  const units = unitsOf(text)
  let letters = 0
  let spaces = 0
  let words = 0
  let spacedWords = 0
  let bound = 0
  let foreign = 0
  let size = 0
  let value = 0
  let before = 32
  let inWord = false
  for (let i = 0; i < length; i++) {
    const unit = units[i] as number
    if (unit >= 97 && unit <= 122) {
      letters++
      if (!inWord) {
        words++
        if (before === 32 || before === 10) spacedWords++
        inWord = true
      }
      if (++size <= longest) value = (value << 5) | (unit - 96)
    } else {
      if (size > 0) {
        if (size <= longest && (unit === 32 || unit === 10 || unit === 44 || unit === 46) && isBinding(value))
          bound++
        size = 0
        value = 0
      }
      if (unit > 127) {
        foreign++
        letters++
        if (!inWord) {
          words++
          if (before === 32 || before === 10) spacedWords++
          inWord = true
        }
      } else {
        inWord = false
        if (unit === 32 || unit === 10) spaces++
      }
    }
    before = unit
  }
  if (size > 0 && size <= longest && isBinding(value)) bound++
  if (words < 10 || spacedWords * 100 < words * 55) return false
  const plain = (letters + spaces) * 100
  // A ninth of the words bind, or the script is none that machine languages are written in.
  return (
    (plain >= length * 84 || (words >= 25 && plain >= length * 68)) &&
    (bound * 9 >= words || foreign * 2 > length)
  )
}

/** Words that bind sentences together, and that language of machines shares. */
const binding = new Set(
  'the a an of to it its you your that this these those we our be been was were will would can could should has have had he she they their them i my me his her at but than there which who what how about after before also very more most only some such up out just does did del el la los las de que en un una por con para su es al le les des et est une dans pour qui sur pas du au der die das und ist ein eine mit von zu den dem nicht auf il lo gli che per non una sono os em não na no'.split(
    ' ',
  ),
)

const longest = 6
/** Words of up to six letters as numbers of base 32, in a table by their last bits. */
const table = new Int32Array(1_024)
for (const word of binding) if (/^[a-z]{1,6}$/.test(word)) insert(numberOf(word))

function slotOf(value: number): number {
  return (value ^ (value >>> 10) ^ (value >>> 20)) & 1_023
}

function insert(value: number): void {
  let slot = slotOf(value)
  while (table[slot] !== 0) slot = (slot + 1) & 1_023
  table[slot] = value
}

function isBinding(value: number): boolean {
  let slot = slotOf(value)
  while (table[slot] !== 0) {
    if (table[slot] === value) return true
    slot = (slot + 1) & 1_023
  }
  return false
}

function numberOf(word: string): number {
  let value = 0
  for (let i = 0; i < word.length; i++) value = (value << 5) | (word.charCodeAt(i) - 96)
  return value
}
