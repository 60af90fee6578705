import { type AST, RegExpParser } from '@eslint-community/regexpp'
import { frequencyOf } from './frequency.ts'

/** A landmark of a pattern: every match that this part speaks for has the literal, at the place where `before` ends. */
export interface Landmark {
  readonly before: string
  readonly literal: string
  readonly after: string
}

/** A pattern in parts: it matches somewhere exactly where one of its parts does. */
export interface SplitPattern {
  /** Sources of what matches at the beginning only. */
  readonly anchored: readonly string[]
  readonly landmarks: readonly Landmark[]
  /** The source of what has no literal of its own; undefined where all has. */
  readonly rest: string | undefined
}

/** Characters of a literal at most. */
export const longestLiteral = 3
/** Copies that a repetition is unrolled into at most. */
const maxCopies = 3
/** Characters of a class that are told apart at most. */
const maxClass = 4
/** Characters before a literal that cost about as much again as to look at it. */
const dearBefore = 16

interface Item {
  readonly source: string
  readonly longest: number
  readonly character?: string
  readonly choices?: readonly (readonly Item[])[]
  readonly isStart?: boolean
}

interface Choice {
  readonly cost: number
  readonly landmarks: readonly Landmark[]
}

const parser = new RegExpParser({ ecmaVersion: 2025 })

/** Takes a pattern without flags but `i` apart at the rarest literals that its matches must have. */
export function splitPattern(source: string): SplitPattern {
  const { alternatives } = parser.parsePattern(source, 0, source.length)
  const anchored: string[] = []
  const landmarks: Landmark[] = []
  const rest: string[] = []
  for (const alternative of alternatives)
    for (const items of apart(itemsOf(alternative))) {
      if (items[0]?.isStart === true) anchored.push(sourceOf(items))
      else {
        const best = choose(items)
        if (best === undefined) rest.push(sourceOf(items))
        else landmarks.push(...best.landmarks)
      }
    }
  return { anchored, landmarks: merged(landmarks), rest: rest.length === 0 ? undefined : rest.join('|') }
}

/** What begins at the start of the text, and what does not, where a sequence begins with a choice between them. */
function apart(items: readonly Item[]): (readonly Item[])[] {
  const [first, ...others] = items
  const choices = first?.choices
  if (choices === undefined || !choices.some((choice) => choice[0]?.isStart === true)) return [items]
  const floating = choices.filter((choice) => choice[0]?.isStart !== true)
  const starts = choices.filter((choice) => choice[0]?.isStart === true)
  const made = starts.map((choice) => [...choice, ...others])
  if (floating.length > 0) made.push([groupOf(floating), ...others])
  return made
}

function groupOf(choices: readonly (readonly Item[])[]): Item {
  return {
    source: `(?:${choices.map(sourceOf).join('|')})`,
    longest: Math.max(...choices.map(longestOf)),
    choices,
  }
}

function choose(items: readonly Item[]): Choice | undefined {
  let best: Choice | undefined
  let before = 0
  for (let at = 0; at < items.length; at++) {
    const one = literalAt(items, at, before) ?? choiceAt(items, at, before)
    if (one !== undefined && (best === undefined || one.cost < best.cost)) best = one
    before += items[at]?.longest ?? 0
  }
  return best
}

/** The literal that begins at an item, as long as it may be. */
function literalAt(items: readonly Item[], at: number, before: number): Choice | undefined {
  let literal = ''
  let end = at
  while (end < items.length && literal.length < longestLiteral) {
    const character = items[end]?.character
    if (character === undefined) break
    literal += character
    end++
  }
  if (literal === '') return undefined
  return {
    cost: frequencyOf(literal) * (1 + before / dearBefore),
    landmarks: [{ before: sourceOf(items.slice(0, at)), literal, after: sourceOf(items.slice(end)) }],
  }
}

/** A group all of whose alternatives have a literal. */
function choiceAt(items: readonly Item[], at: number, before: number): Choice | undefined {
  const choices = items[at]?.choices
  if (choices === undefined) return undefined
  const [head, tail] = [sourceOf(items.slice(0, at)), sourceOf(items.slice(at + 1))]
  let cost = 0
  const landmarks: Landmark[] = []
  for (const choice of choices) {
    const one = choose(choice)
    if (one === undefined) return undefined
    cost += one.cost
    for (const { before, literal, after } of one.landmarks)
      landmarks.push({ before: head + before, literal, after: after + tail })
  }
  return { cost: cost * (1 + before / dearBefore), landmarks }
}

/** Landmarks with the same literal after the same as one. */
function merged(landmarks: readonly Landmark[]): Landmark[] {
  const groups = new Map<string, { readonly before: string; readonly literal: string; after: string[] }>()
  for (const { before, literal, after } of landmarks) {
    const key = `${literal}\n${before}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { before, literal, after: [after] })
    else group.after.push(after)
  }
  return [...groups.values()].map(({ before, literal, after }) => ({
    before,
    literal,
    after: after.length === 1 ? (after[0] ?? '') : `(?:${after.join('|')})`,
  }))
}

function sourceOf(items: readonly Item[]): string {
  return items.map(({ source }) => source).join('')
}

function longestOf(items: readonly Item[]): number {
  let sum = 0
  for (const { longest } of items) sum += longest
  return sum
}

function itemsOf({ elements }: AST.Alternative): Item[] {
  return elements.flatMap((element) =>
    element.type === 'Quantifier' ? repeated(element) : [itemOf(element)],
  )
}

/** What must occur at least once stands alone before what may be repeated. */
function repeated({ element, min, max, raw, greedy }: AST.Quantifier): Item[] {
  const longest = max * lengthOf(element)
  if (min === 0 || element.type === 'Assertion') return [{ source: raw, longest }]
  const one = itemOf(element)
  const copies = Math.min(min, maxCopies)
  const [least, most] = [min - copies, max === Number.POSITIVE_INFINITY ? '' : max - copies]
  const items = new Array<Item>(copies).fill(one)
  if (most !== 0)
    items.push({ source: `${one.source}{${least},${most}}${greedy ? '' : '?'}`, longest: longest - copies })
  return items
}

function itemOf(element: AST.Element): Item {
  const source = element.raw
  switch (element.type) {
    case 'Assertion':
      return { source, longest: 0, isStart: element.kind === 'start' }
    case 'Character':
      return { source, longest: 1, character: String.fromCodePoint(element.value) }
    case 'CharacterClass': {
      const characters = element.elements.flatMap((one) =>
        one.type === 'Character' ? [{ source: one.raw, value: one.value }] : [],
      )
      if (element.negate || characters.length !== element.elements.length || characters.length > maxClass)
        return { source, longest: 1 }
      const choices = characters.map(({ value }) => {
        const character = String.fromCodePoint(value)
        return [{ source: `\\u${value.toString(16).padStart(4, '0')}`, longest: 1, character }]
      })
      return { source, longest: 1, choices }
    }
    case 'Group':
    case 'CapturingGroup': {
      const choices = element.alternatives.map(itemsOf)
      return { source, longest: Math.max(...choices.map(longestOf)), choices }
    }
    default:
      return { source, longest: 1 }
  }
}

function lengthOf(element: AST.Element): number {
  if (element.type === 'Quantifier') return element.max * lengthOf(element.element)
  if (element.type === 'Group' || element.type === 'CapturingGroup')
    return Math.max(
      ...element.alternatives.map(({ elements }) => elements.reduce((sum, one) => sum + lengthOf(one), 0)),
    )
  return element.type === 'Assertion' ? 0 : 1
}
