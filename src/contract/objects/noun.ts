/** Words of a name: `bookingId`, `booking_id`, `booking-id` and `BookingID` are `booking id`. Lower-case. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
}

const irregular: ReadonlyMap<string, string> = new Map([
  ['people', 'person'],
  ['persons', 'person'],
  ['children', 'child'],
  ['men', 'man'],
  ['women', 'woman'],
  ['mice', 'mouse'],
  ['feet', 'foot'],
  ['teeth', 'tooth'],
  ['indices', 'index'],
  ['vertices', 'vertex'],
  ['matrices', 'matrix'],
  ['appendices', 'appendix'],
  ['criteria', 'criterion'],
  ['phenomena', 'phenomenon'],
  ['quizzes', 'quiz'],
  ['movies', 'movie'],
  ['cookies', 'cookie'],
  ['ties', 'tie'],
  ['leaves', 'leaf'],
  ['shelves', 'shelf'],
  ['lives', 'life'],
  ['wolves', 'wolf'],
  ['knives', 'knife'],
  ['caches', 'cache'],
  ['aches', 'ache'],
  ['statuses', 'status'],
  ['aliases', 'alias'],
  ['buses', 'bus'],
  ['viruses', 'virus'],
  ['campuses', 'campus'],
  ['bonuses', 'bonus'],
  ['menus', 'menu'],
  ['gurus', 'guru'],
])

/** Words that are the same in both numbers, or no plural though they end like one. */
const fixed: ReadonlySet<string> = new Set(
  'series species news data media sms gps dns kms tls aws canvas alias atlas lens business address access process progress success status bus virus campus bonus basis analysis series analytics metadata knowledge'.split(
    ' ',
  ),
)

/** A singular English noun: `bookings` → `booking`, `categories` → `category`, `addresses` → `address`. */
export function singularOf(word: string): string {
  const known = irregular.get(word)
  if (known !== undefined) return known
  if (fixed.has(word) || word.length < 3 || !word.endsWith('s')) return word
  if (/(?:ss|us|is)$/.test(word)) return word
  if (/[^aeiou]ies$/.test(word)) return `${word.slice(0, -3)}y`
  if (/(?:ss|sh|ch|x|zz)es$/.test(word)) return word.slice(0, -2)
  if (/(?:analy|the|cri|ba|paraly|hypothe|synthe|diagno)ses$/.test(word)) return `${word.slice(0, -2)}is`
  if (/[^aeiou]oes$/.test(word)) return word.slice(0, -2)
  return word.slice(0, -1)
}

/** True where a word names many: `bookings`, `people`. */
export function isPlural(word: string): boolean {
  return singularOf(word) !== word
}

/** Words as the name of one object type: last word singular, camelCase, as object types are written in configurations. */
export function nounOf(words: readonly string[]): string {
  return words
    .map((word, i) => (i === words.length - 1 ? singularOf(word) : word))
    .map((word, i) => (i === 0 ? word : word.slice(0, 1).toUpperCase() + word.slice(1)))
    .join('')
}
