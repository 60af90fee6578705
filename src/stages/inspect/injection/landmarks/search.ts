import { effort } from '../effort.ts'
import { compileLandmarks, type LandmarkIndex, mostPlaces } from './landmark-index.ts'
import { splitPattern } from './split-pattern.ts'

/** A pattern that is looked for anywhere in lower-case texts. */
export interface Search {
  /** As `RegExp.prototype.test` answers. */
  test(text: string): boolean
}

/** What stands around a literal, to be matched where the literal begins. */
interface Place {
  readonly literal: string
  /** Number of the literal in the index; negative for single characters. */
  readonly number: number
  readonly shape: RegExp
}

/** Characters of a text below which a pattern is run as it is. */
export const shortest = 200

/** Every pattern that is looked for so. */
export const searches: (readonly [RegExp, Search])[] = []

/** What is looked for in one pass: patterns that are asked of the same texts. */
interface Group {
  readonly literals: string[]
  index: LandmarkIndex | undefined
  read: string
}

const createGroup = (): Group => ({ literals: [], index: undefined, read: '' })
const texts = createGroup()
const tokens = createGroup()

/**
 * Compiles a pattern to be looked for where literals stand that its matches must have. The literals of all patterns
 * are found in one pass over a text, which the first that asks for it pays for. Where one stands everywhere, the
 * pattern is run as it is.
 */
export function compileSearch(pattern: RegExp): Search {
  return compileIn(texts, pattern)
}

/** The same for patterns that are looked for in strings of tokens. */
export function compileTokenSearch(pattern: RegExp): Search {
  return compileIn(tokens, pattern)
}

function compileIn(group: Group, pattern: RegExp): Search {
  const { anchored, landmarks, rest } = splitPattern(pattern.source)
  const places: readonly Place[] = landmarks.map(({ before, literal, after }) => {
    const start = before === '' ? '' : `(?<=${before})`
    return {
      literal,
      number: literal.length < 2 ? -1 : numberOf(group, literal),
      shape: new RegExp(`${start}${escaped(literal)}${after}`, 'y'),
    }
  })
  const atStart = anchored.length === 0 ? undefined : new RegExp(anchored.join('|'), 'y')
  const remaining = rest === undefined ? undefined : new RegExp(rest)
  const search: Search = {
    test(text) {
      if (text.length < shortest) return pattern.test(text)
      if (atStart !== undefined && matchesAt(atStart, text, 0)) return true
      const found = indexOf(group, text)
      for (const place of places) {
        const answer = place.number < 0 ? standsAtSign(place, text) : standsAt(place, text, found)
        if (answer === undefined) {
          effort.spent += text.length
          return pattern.test(text)
        }
        if (answer) return true
      }
      return remaining?.test(text) === true
    },
  }
  searches.push([pattern, search])
  return search
}

/** What trying a pattern at one place costs, in characters passed over. */
const tryCost = 16

function matchesAt(shape: RegExp, text: string, at: number): boolean {
  effort.spent += tryCost
  shape.lastIndex = at
  return shape.test(text)
}

/** True where the pattern matches at one of the places of its literal; undefined where there are too many to try. */
function standsAt({ number, shape }: Place, text: string, found: LandmarkIndex): boolean | undefined {
  if (found.isDense(number)) return undefined
  for (let hit = found.lastOf(number); hit >= 0; hit = found.beforeOf(hit))
    if (matchesAt(shape, text, found.placeOf(hit))) return true
  return false
}

/** The same for single characters: most texts have few of them, and they are quickly found. */
function standsAtSign({ literal, shape }: Place, text: string): boolean | undefined {
  const most = mostPlaces(text.length)
  let count = 0
  for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + 1)) {
    if (matchesAt(shape, text, at)) return true
    if (++count > most) return undefined
  }
  return false
}

function numberOf(group: Group, literal: string): number {
  const known = group.literals.indexOf(literal)
  if (known >= 0) return known
  group.index = undefined
  return group.literals.push(literal) - 1
}

function indexOf(group: Group, text: string): LandmarkIndex {
  if (group.index === undefined) {
    group.index = compileLandmarks(group.literals)
    group.read = ''
  }
  if (group.read !== text) {
    effort.spent += text.length
    group.index.read(text)
    group.read = text
  }
  return group.index
}

function escaped(literal: string): string {
  return [...literal].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
}
