const iban = /\b[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,4})?\b/y
const number = /(?<![\w.])\+?\(?\d[\d ().\-/]{6,24}\d(?!\w)/g

/** Marks of ASCII units. */
const LETTER = 1
const DIGIT = 2
/** `[a-z0-9_-]`: what long ids are made of. */
const TOKEN = 4
/** What numbers are written with. */
const NUMBER = 8
const marks = new Uint8Array(128)
for (const sign of 'abcdefghijklmnopqrstuvwxyz') marks[sign.charCodeAt(0)] = LETTER | TOKEN
for (const sign of '0123456789') marks[sign.charCodeAt(0)] = DIGIT | TOKEN | NUMBER
marks[0x5f] = TOKEN
marks[0x2d] = TOKEN | NUMBER
for (const sign of ' ().+/') marks[sign.charCodeAt(0)] = NUMBER

const dash = 0x2d
const shortestId = 10
const longestId = 96
/** From the first digit of a number to its last. */
const shortestNumber = 8

/** What is in a text in lower case, as it is written there, each in order. */
export interface NumbersIn {
  readonly ibans: readonly string[]
  readonly numbers: readonly string[]
  /** Letters with at least three digits, of 10 to 96 characters: accounts, wallets and the like. */
  readonly ids: readonly string[]
}

/** One pass over the text; patterns are asked only where something of the kind begins. */
export function numbersIn(low: string): NumbersIn {
  const ibans: string[] = []
  const numbers: string[] = []
  const ids: string[] = []
  const { length } = low
  let ibanEnd = 0
  let token = -1
  let word = -1
  let digits = 0
  let letters = 0
  let written = -1
  let first = -1
  let last = -1
  for (let i = 0; i <= length; i++) {
    const unit = i < length ? low.charCodeAt(i) : 0
    const mark = unit < 128 ? (marks[unit] as number) : 0
    if ((mark & TOKEN) !== 0) {
      if (token < 0) {
        token = i
        digits = 0
        letters = 0
      }
      if ((mark & DIGIT) !== 0) {
        digits++
        if (word >= 0 && i - word === 3 && word >= ibanEnd && beginsIban(low, word)) {
          iban.lastIndex = word
          const match = iban.exec(low)
          if (match !== null) {
            ibans.push(match[0])
            ibanEnd = iban.lastIndex
          }
        }
      } else if ((mark & LETTER) !== 0) letters++
      if (unit === dash) word = -1
      else if (word < 0) word = i
    } else {
      word = -1
      if (token >= 0) {
        const size = i - token
        if (digits >= 3 && letters > 0 && size >= shortestId && size <= longestId && hasEnds(low, token, i))
          ids.push(low.slice(token, i))
        token = -1
      }
    }
    if ((mark & NUMBER) !== 0) {
      if (written < 0) {
        written = i
        first = -1
      }
      if ((mark & DIGIT) !== 0) {
        if (first < 0) first = i
        last = i
      }
    } else if (written >= 0) {
      if (first >= 0 && last - first + 1 >= shortestNumber) {
        // A match lies within the run; what stands beside it is looked at, too.
        for (const [value] of low.slice(Math.max(0, written - 1), i + 1).matchAll(number)) numbers.push(value)
      }
      written = -1
    }
  }
  return { ibans, numbers, ids }
}

/** Two letters, then two digits, of which the second was just seen. */
function beginsIban(low: string, at: number): boolean {
  return markAt(low, at) === LETTER && markAt(low, at + 1) === LETTER && markAt(low, at + 2) === DIGIT
}

function markAt(low: string, at: number): number {
  return (marks[low.charCodeAt(at)] as number) & (LETTER | DIGIT)
}

/** The first and the last are letters or digits. */
function hasEnds(low: string, start: number, end: number): boolean {
  return markAt(low, start) !== 0 && markAt(low, end - 1) !== 0
}
