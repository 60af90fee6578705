import { compileLandmarks, isDense, type LandmarkIndex, type Mark } from './landmark-index.ts'
import { splitPattern } from './split-pattern.ts'

/** A pattern that is looked for anywhere in lower-case texts. */
export interface Search {
  /** As `RegExp.prototype.test` answers. */
  test(text: string): boolean
}

/** Characters of a text below which a pattern is run as it is. */
export const shortest = 200

/** Every pattern that is looked for so. */
export const searches: (readonly [RegExp, Search])[] = []

const marks: Mark[] = []
const shapes: RegExp[] = []
let owners = 0
let index: LandmarkIndex | undefined
let read = ''

/**
 * Compiles a pattern to be looked for where literals stand that its matches must have. The literals of all patterns
 * are found in one pass over a text, which the first that asks for it pays for. On a text where they stand everywhere
 * the pattern is run as it is.
 */
export function compileSearch(pattern: RegExp): Search {
  const { anchored, landmarks, rest } = splitPattern(pattern.source)
  const owner = owners++
  index = undefined
  for (const { before, literal, after } of landmarks) {
    const start = before === '' ? '' : `(?<=${before})`
    shapes.push(new RegExp(`${start}${escaped(literal)}${after}`, 'y'))
    marks.push({ literal, owner })
  }
  const atStart = anchored.length === 0 ? undefined : new RegExp(anchored.join('|'), 'y')
  const remaining = rest === undefined ? undefined : new RegExp(rest)
  const search: Search = {
    test(text) {
      if (text.length < shortest) return pattern.test(text)
      const found = indexOf(text)
      const count = found.countOf(owner)
      if (isDense(count, text.length)) return pattern.test(text)
      if (atStart !== undefined) {
        atStart.lastIndex = 0
        if (atStart.test(text)) return true
      }
      if (count > 0)
        for (let hit = found.firstOf(owner); hit >= 0; hit = found.nextOf(hit)) {
          const shape = shapes[found.markOf(hit)] as RegExp
          shape.lastIndex = found.placeOf(hit)
          if (shape.test(text)) return true
        }
      return remaining?.test(text) === true
    },
  }
  searches.push([pattern, search])
  return search
}

function indexOf(text: string): LandmarkIndex {
  if (index === undefined) {
    index = compileLandmarks(marks, owners)
    read = ''
  }
  if (read !== text) {
    index.read(text)
    read = text
  }
  return index
}

function escaped(literal: string): string {
  return [...literal].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
}
