import { longestLiteral } from './split-pattern.ts'

/** A literal to look for, and whose it is. */
export interface Mark {
  readonly literal: string
  /** Number of the owner. */
  readonly owner: number
}

/** Where the marks of each owner stand in the text that was read last. */
export interface LandmarkIndex {
  read(text: string): void
  /** How many marks of an owner were found; more than are kept where there are many. */
  countOf(owner: number): number
  /** The first of the places of an owner's marks; negative: none. Further ones by `nextOf`. */
  firstOf(owner: number): number
  nextOf(hit: number): number
  markOf(hit: number): number
  /** Where the literal begins. */
  placeOf(hit: number): number
}

const classBits = 6
const keyMask = (1 << (classBits * longestLiteral)) - 1
/** A mark at every so many characters is looked at one by one; more are not. */
export const density = 24

/**
 * Compiles literals of one to three ASCII characters into a table of the three characters before each place: one step
 * for each character, one bit that says whether any mark ends there.
 */
export function compileLandmarks(marks: readonly Mark[], owners: number): LandmarkIndex {
  const classes = new Uint8Array(128)
  let classCount = 1
  for (const { literal } of marks)
    for (let i = 0; i < literal.length; i++) {
      const unit = literal.charCodeAt(i)
      if (unit > 127) throw new Error('landmarks are ASCII')
      if (classes[unit] !== 0) continue
      // Figures are told apart by the pattern.
      if (unit >= 48 && unit <= 57) classes.fill(classCount, 48, 58)
      else classes[unit] = classCount
      classCount++
    }
  if (classCount > 1 << classBits) throw new Error('too many different characters in landmarks')
  const keyed = new Map<number, number[]>()
  marks.forEach(({ literal }, mark) => {
    let key = 0
    for (let i = 0; i < literal.length; i++)
      key = (key << classBits) | (classes[literal.charCodeAt(i)] as number)
    const step = 1 << (classBits * literal.length)
    for (let any = key; any <= keyMask; any += step) keyed.set(any, [...(keyed.get(any) ?? []), mark])
  })
  const bits = new Uint32Array((keyMask + 1) >>> 5)
  const slots = new Uint16Array(keyMask + 1)
  const lists: number[] = [0]
  const known = new Map<string, number>()
  for (const [key, list] of keyed) {
    bits[key >>> 5] = (bits[key >>> 5] as number) | (1 << (key & 31))
    const name = list.join()
    let slot = known.get(name)
    if (slot === undefined) {
      slot = lists.length
      known.set(name, slot)
      lists.push(list.length, ...list)
    }
    slots[key] = slot
  }
  const flat = Int32Array.from(lists)
  const ownerOf = Int32Array.from(marks.map(({ owner }) => owner))
  const lengthOf = Uint8Array.from(marks.map(({ literal }) => literal.length))
  const counts = new Int32Array(owners)
  const heads = new Int32Array(owners)
  let size = 4_096
  let next = new Int32Array(size)
  let found = new Int32Array(size)
  let places = new Int32Array(size)

  return {
    read(text) {
      const { length } = text
      const most = 8 + Math.floor(length / density)
      counts.fill(0)
      heads.fill(-1)
      let hits = 0
      let key = 0
      for (let i = 0; i < length; i++) {
        const unit = text.charCodeAt(i)
        key = ((key << classBits) | (unit < 128 ? (classes[unit] as number) : 0)) & keyMask
        if ((((bits[key >>> 5] as number) >>> (key & 31)) & 1) === 0) continue
        const slot = slots[key] as number
        const end = slot + (flat[slot] as number)
        for (let k = slot + 1; k <= end; k++) {
          const mark = flat[k] as number
          const owner = ownerOf[mark] as number
          const count = counts[owner] as number
          if (count > most) continue
          counts[owner] = count + 1
          if (hits === size) grow()
          next[hits] = heads[owner] as number
          heads[owner] = hits
          found[hits] = mark
          places[hits] = i + 1 - (lengthOf[mark] as number)
          hits++
        }
      }
    },
    countOf: (owner) => counts[owner] as number,
    firstOf: (owner) => heads[owner] as number,
    nextOf: (hit) => next[hit] as number,
    markOf: (hit) => found[hit] as number,
    placeOf: (hit) => places[hit] as number,
  }

  function grow(): void {
    size *= 2
    const [a, b, c] = [new Int32Array(size), new Int32Array(size), new Int32Array(size)]
    a.set(next)
    b.set(found)
    c.set(places)
    next = a
    found = b
    places = c
  }
}

/** True where there are so many marks that the pattern is better run as it is. */
export function isDense(count: number, length: number): boolean {
  return count > 8 + Math.floor(length / density)
}
