import { unitsOf } from '../text-units.ts'
import { longestLiteral } from './split-pattern.ts'

/** Where literals stand in the text that was read last; literals by their number. */
export interface LandmarkIndex {
  read(text: string): void
  /** The last place of a literal; a negative number where it stands nowhere. */
  lastOf(literal: number): number
  /** The place before the one that was given last for a literal; negative: no further one. */
  placeOf(hit: number): number
  beforeOf(hit: number): number
  /** True where a literal stands at so many places that they were not all kept. */
  isDense(literal: number): boolean
}

const classBits = 6
const keyMask = (1 << (classBits * longestLiteral)) - 1
/** More places than one in so many characters are not kept. */
const density = 24

/** Places of a literal that are looked at one by one in a text of a length; beyond them it is dense. */
export function mostPlaces(length: number): number {
  return 8 + Math.floor(length / density)
}

/**
 * Compiles literals of two or three ASCII characters into a table of the characters before each place: one step for each
 * character, one look whether any literal ends there.
 */
export function compileLandmarks(literals: readonly string[]): LandmarkIndex {
  const classes = classesOf(literals)
  const keyed = new Map<number, number[]>()
  literals.forEach((literal, number) => {
    let key = 0
    for (let i = 0; i < literal.length; i++)
      key = (key << classBits) | (classes[literal.charCodeAt(i)] as number)
    const step = 1 << (classBits * literal.length)
    for (let any = key; any <= keyMask; any += step) keyed.set(any, [...(keyed.get(any) ?? []), number])
  })
  const slots = new Uint16Array(keyMask + 1)
  const lists: number[] = [0]
  const known = new Map<string, number>()
  for (const [key, list] of keyed) {
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
  const lengths = Uint8Array.from(literals.map(({ length }) => length))
  const counts = new Int32Array(literals.length)
  const last = new Int32Array(literals.length)
  let size = 8_192
  let before = new Int32Array(size)
  let places = new Int32Array(size)
  let most = 0

  return {
    read(text) {
      const { length } = text
      const units = unitsOf(text)
      most = mostPlaces(length)
      counts.fill(0)
      last.fill(-1)
      let hits = 0
      let key = 0
      for (let i = 0; i < length; i++) {
        key = ((key << classBits) | (classes[units[i] as number] as number)) & keyMask
        const slot = slots[key] as number
        if (slot === 0) continue
        const end = slot + (flat[slot] as number)
        for (let k = slot + 1; k <= end; k++) {
          const literal = flat[k] as number
          const count = counts[literal] as number
          if (count > most) continue
          counts[literal] = count + 1
          if (hits === size) grow()
          before[hits] = last[literal] as number
          last[literal] = hits
          places[hits] = i + 1 - (lengths[literal] as number)
          hits++
        }
      }
    },
    lastOf: (literal) => last[literal] as number,
    beforeOf: (hit) => before[hit] as number,
    placeOf: (hit) => places[hit] as number,
    isDense: (literal) => (counts[literal] as number) > most,
  }

  function grow(): void {
    size *= 2
    const [a, b] = [new Int32Array(size), new Int32Array(size)]
    a.set(before)
    b.set(places)
    before = a
    places = b
  }
}

/** Numbers of the characters that literals are made of; figures have one. */
function classesOf(literals: readonly string[]): Uint8Array {
  const classes = new Uint8Array(65_536)
  let count = 1
  for (const unit of literals.flatMap((literal) => [...literal].map((one) => one.charCodeAt(0)))) {
    if (unit > 127) throw new Error('landmarks are ASCII')
    if (classes[unit] !== 0) continue
    // The pattern tells figures apart.
    if (unit >= 48 && unit <= 57) classes.fill(count, 48, 58)
    else classes[unit] = count
    count++
  }
  if (count > 1 << classBits) throw new Error('too many different characters in landmarks')
  return classes
}
