import type { AST } from '@eslint-community/regexpp'

/** Sorted, disjoint ranges of code points, flat: from, to, from, to … */
export type CharSet = readonly number[]

const last = 0x10ffff
export const everything: CharSet = [0, last]
const digits: CharSet = [48, 57]
const words: CharSet = [48, 57, 65, 90, 95, 95, 97, 122]
const spaces: CharSet = [
  9, 13, 32, 32, 160, 160, 5760, 5760, 8192, 8202, 8232, 8233, 8239, 8239, 8287, 8287, 12288, 12288, 65279,
  65279,
]
const lineEnds: CharSet = [10, 10, 13, 13, 8232, 8233]

/** The characters that one consuming element matches; `undefined` for a Unicode property, which is not spelled out. */
export function charSetOf(node: AST.Character | AST.CharacterSet | AST.CharacterClass): CharSet | undefined {
  switch (node.type) {
    case 'Character':
      return [node.value, node.value]
    case 'CharacterSet':
      if (node.kind === 'property') return undefined
      if (node.kind === 'any') return complement(lineEnds)
      return signed(node.kind === 'digit' ? digits : node.kind === 'word' ? words : spaces, node.negate)
    case 'CharacterClass': {
      const ranges: number[] = []
      for (const element of node.elements) {
        if (element.type === 'CharacterClassRange') ranges.push(element.min.value, element.max.value)
        else if (element.type === 'Character' || element.type === 'CharacterSet') {
          const inner = charSetOf(element)
          if (inner === undefined) return undefined
          ranges.push(...inner)
        } else return undefined
      }
      return signed(normal(ranges), node.negate)
    }
  }
}

export function overlaps(a: CharSet, b: CharSet): boolean {
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [fromA, toA, fromB, toB] = [a[i], a[i + 1], b[j], b[j + 1]] as [number, number, number, number]
    if (fromA <= toB && fromB <= toA) return true
    if (toA < toB) i += 2
    else j += 2
  }
  return false
}

function signed(set: CharSet, negate: boolean): CharSet {
  return negate ? complement(set) : set
}

function complement(set: CharSet): CharSet {
  const out: number[] = []
  let next = 0
  for (let i = 0; i < set.length; i += 2) {
    const from = set[i] ?? 0
    if (from > next) out.push(next, from - 1)
    next = (set[i + 1] ?? 0) + 1
  }
  if (next <= last) out.push(next, last)
  return out
}

function normal(ranges: readonly number[]): CharSet {
  const pairs: [number, number][] = []
  for (let i = 0; i < ranges.length; i += 2) pairs.push([ranges[i] ?? 0, ranges[i + 1] ?? 0])
  pairs.sort((a, b) => a[0] - b[0])
  const out: number[] = []
  for (const [from, to] of pairs) {
    const end = out.at(-1)
    if (end !== undefined && from <= end + 1) out[out.length - 1] = Math.max(end, to)
    else out.push(from, to)
  }
  return out
}
