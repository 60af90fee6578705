import type { AST } from '@eslint-community/regexpp'
import { type CharSet, charSetOf, everything, overlaps } from './char-set.ts'

/** A place in the pattern that consumes one character, and what may consume the next one. */
interface Position {
  readonly set: CharSet
  readonly next: Position[]
}

interface Fragment {
  readonly first: readonly Position[]
  readonly last: readonly Position[]
  readonly nullable: boolean
}

const maxPositions = 400
const maxAnchoredWork = 50_000
const maxFloatingWork = 32
const empty: Fragment = { first: [], last: [], nullable: true }

/**
 * True where a backtracking engine cannot be made slow by any text. Two sufficient conditions, both proven on
 * the syntax tree and both linear in the text:
 *  - anchored at the start, and one-unambiguous (Brüggemann-Klein and Wood 1998): whatever was read, at most
 *    one place in the pattern, reached in one way, can read the next character, so nothing is tried twice;
 *  - the number of ways through the pattern, times their length, is finite and small.
 * Everything else is "not known to be safe".
 */
export function isSafeForBacktracking(pattern: AST.Pattern): boolean {
  const anchored = pattern.alternatives.every(
    (a) => a.elements[0]?.type === 'Assertion' && a.elements[0].kind === 'start',
  )
  const ways = waysThrough(pattern.alternatives)
  const work = ways.count * Math.max(1, ways.length)
  if (work <= (anchored ? maxAnchoredWork : maxFloatingWork)) return true
  return anchored && isUnambiguous(pattern)
}

function isUnambiguous(pattern: AST.Pattern): boolean {
  const positions: Position[] = []
  const whole = alternatives(pattern.alternatives, positions, true)
  return whole !== undefined && disjoint(whole.first) && positions.every((p) => disjoint(p.next))
}

function disjoint(positions: readonly Position[]): boolean {
  for (let i = 0; i < positions.length; i++)
    for (let j = i + 1; j < positions.length; j++) {
      const [a, b] = [positions[i], positions[j]]
      if (a !== undefined && b !== undefined && overlaps(a.set, b.set)) return false
    }
  return true
}

function alternatives(list: readonly AST.Alternative[], all: Position[], top: boolean): Fragment | undefined {
  let sum: Fragment | undefined
  for (const alternative of list) {
    const one = sequence(alternative.elements, all, top)
    if (one === undefined) return undefined
    if (sum === undefined) sum = one
    else {
      // Two ways to read nothing are an ambiguity of their own.
      if (sum.nullable && one.nullable) return undefined
      sum = {
        first: [...sum.first, ...one.first],
        last: [...sum.last, ...one.last],
        nullable: sum.nullable || one.nullable,
      }
    }
  }
  return sum ?? empty
}

function sequence(elements: readonly AST.Element[], all: Position[], top: boolean): Fragment | undefined {
  let left = empty
  for (let i = 0; i < elements.length; i++) {
    const element = elements[i]
    if (element === undefined) break
    const right = top && i === 0 && element.type === 'Assertion' ? empty : fragment(element, all)
    if (right === undefined) return undefined
    for (const p of left.last) p.next.push(...right.first)
    left = {
      first: left.nullable ? [...left.first, ...right.first] : left.first,
      last: right.nullable ? [...left.last, ...right.last] : right.last,
      nullable: left.nullable && right.nullable,
    }
  }
  return left
}

function fragment(element: AST.Element, all: Position[]): Fragment | undefined {
  switch (element.type) {
    case 'Character':
    case 'CharacterSet':
    case 'CharacterClass': {
      if (all.length >= maxPositions) return undefined
      const position: Position = { set: charSetOf(element) ?? everything, next: [] }
      all.push(position)
      return { first: [position], last: [position], nullable: false }
    }
    case 'Group':
      return element.modifiers === null ? alternatives(element.alternatives, all, false) : undefined
    case 'CapturingGroup':
      return alternatives(element.alternatives, all, false)
    case 'Assertion':
      // `$` and `\b` read nothing and choose nothing.
      return element.kind === 'end' || element.kind === 'word' ? empty : undefined
    case 'Quantifier':
      return quantified(element, all)
    default:
      return undefined
  }
}

function quantified(node: AST.Quantifier, all: Position[]): Fragment | undefined {
  if (node.max === 0) return empty
  const body = fragment(node.element, all)
  if (body === undefined) return undefined
  if (node.max === 1 && node.min === 1) return body
  if (body.nullable) return undefined
  if (node.max > 1) for (const p of body.last) p.next.push(...body.first)
  return { ...body, nullable: node.min === 0 }
}

interface Ways {
  /** Upper bound of the ways to go through. */
  readonly count: number
  /** Upper bound of the characters read on one way. */
  readonly length: number
}

function waysThrough(list: readonly AST.Alternative[]): Ways {
  let count = 0
  let length = 0
  for (const alternative of list) {
    let product = 1
    let sum = 0
    for (const element of alternative.elements) {
      const one = waysOf(element)
      product *= one.count
      sum += one.length
    }
    count += product
    length = Math.max(length, sum)
  }
  return { count, length }
}

const unbounded: Ways = { count: Number.POSITIVE_INFINITY, length: Number.POSITIVE_INFINITY }

function waysOf(element: AST.Element): Ways {
  switch (element.type) {
    case 'Character':
    case 'CharacterSet':
    case 'CharacterClass':
      return { count: 1, length: 1 }
    case 'Group':
    case 'CapturingGroup':
      return waysThrough(element.alternatives)
    case 'Assertion': {
      if (element.kind !== 'lookahead' && element.kind !== 'lookbehind') return { count: 1, length: 1 }
      const inner = waysThrough(element.alternatives)
      return { count: inner.count + 1, length: inner.length }
    }
    case 'Quantifier': {
      if (!Number.isFinite(element.max) || element.max > 10_000) return unbounded
      const inner = waysOf(element.element)
      if (inner.count <= 1)
        return { count: element.max - element.min + 1, length: inner.length * element.max }
      let count = 0
      for (let k = element.min; k <= element.max && count < 1e9; k++) count += inner.count ** k
      return { count, length: inner.length * element.max }
    }
    default:
      return unbounded
  }
}

/**
 * True where a loop of the pattern can read the same text in two ways, each of them as long as it likes: the time
 * of a backtracking engine then doubles with every character. A sufficient sign, not a necessary one.
 */
export function hasAmbiguousLoop(pattern: AST.Pattern): boolean {
  return pattern.alternatives.some((one) => one.elements.some(loopsAmbiguously))
}

function loopsAmbiguously(element: AST.Element): boolean {
  switch (element.type) {
    case 'Group':
    case 'CapturingGroup':
      return element.alternatives.some((one) => one.elements.some(loopsAmbiguously))
    case 'Assertion':
      return (
        (element.kind === 'lookahead' || element.kind === 'lookbehind') &&
        element.alternatives.some((one) => one.elements.some(loopsAmbiguously))
      )
    case 'Quantifier': {
      if (loopsAmbiguously(element.element)) return true
      if (Number.isFinite(element.max) && element.max < 20) return false
      const positions: Position[] = []
      const body = fragment(element.element, positions)
      if (body === undefined) return false
      for (const p of body.last) p.next.push(...body.first)
      return positions.length > 0 && !(disjoint(body.first) && positions.every((p) => disjoint(p.next)))
    }
    default:
      return false
  }
}
