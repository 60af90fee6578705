import { unitsOf } from './text-units.ts'

/** Which literal groups occur in a text: two words of 31 bits. */
export interface Occurrences {
  low: number
  high: number
}

export interface Prefilter {
  /** One pass over the text, linear, without allocation; the result is overwritten by the next call. */
  scan(text: string): Occurrences
  /** The bits of a group, by its literals. */
  bitOf(group: readonly string[]): Occurrences
}

interface Node {
  readonly next: Map<number, Node>
  fail: Node | undefined
  index: number
  low: number
  high: number
}

/**
 * Compiles literals into one Aho–Corasick automaton (Aho and Corasick 1975), flattened into a transition table over
 * UTF-16 units folded to the few classes that the literals tell apart. ASCII case is folded by the classes.
 * At most 62 different groups.
 */
export function compilePrefilter(groups: readonly (readonly string[])[]): Prefilter {
  const numbers = new Map<string, number>()
  for (const group of groups) {
    const key = keyOf(group)
    if (!numbers.has(key)) numbers.set(key, numbers.size)
  }
  if (numbers.size > 62) throw new Error('too many literal groups for the prefilter')
  const classes = new Uint8Array(65_536)
  let classCount = 1
  const root = createNode()
  for (const group of groups) {
    const number = numbers.get(keyOf(group)) as number
    for (const literal of group) {
      let node = root
      for (let i = 0; i < literal.length; i++) {
        const unit = literal.charCodeAt(i)
        if (unit > 127) throw new Error('prefilter literals are ASCII')
        if (classes[unit] === 0) {
          classes[unit] = classCount++
          if (unit >= 97 && unit <= 122) classes[unit - 32] = classes[unit] as number
        }
        const symbol = classes[unit] as number
        let child = node.next.get(symbol)
        if (child === undefined) {
          child = createNode()
          node.next.set(symbol, child)
        }
        node = child
      }
      if (number < 31) node.low |= 1 << number
      else node.high |= 1 << (number - 31)
    }
  }
  const nodes = linked(root)
  let width = 1
  while (width < classCount) width *= 2
  // States with output come last, so that one comparison tells them.
  const ordered = [
    ...nodes.filter((n) => (n.low | n.high) === 0),
    ...nodes.filter((n) => (n.low | n.high) !== 0),
  ]
  ordered.forEach((node, i) => {
    node.index = i
  })
  const firstOutput = nodes.filter((n) => (n.low | n.high) === 0).length
  const table = new Uint16Array(ordered.length * width)
  // Breadth first: the row of a failure link is filled before it is copied.
  for (const node of nodes) {
    const row = node.index * width
    const { fail } = node
    if (fail === undefined) table.fill(root.index, row, row + width)
    else table.copyWithin(row, fail.index * width, (fail.index + 1) * width)
    for (const [symbol, child] of node.next) table[row + symbol] = child.index
  }
  const low = new Int32Array(ordered.map((n) => n.low))
  const high = new Int32Array(ordered.map((n) => n.high))
  const start = root.index
  const shift = Math.log2(width)
  const found: Occurrences = { low: 0, high: 0 }

  return {
    scan(text) {
      let state = start
      let a = 0
      let b = 0
      const { length } = text
      const units = unitsOf(text)
      for (let i = 0; i < length; i++) {
        state = table[(state << shift) | (classes[units[i] as number] as number)] as number
        if (state >= firstOutput) {
          a |= low[state] as number
          b |= high[state] as number
        }
      }
      found.low = a
      found.high = b
      return found
    },
    bitOf(group) {
      const number = numbers.get(keyOf(group)) as number
      return number < 31 ? { low: 1 << number, high: 0 } : { low: 0, high: 1 << (number - 31) }
    },
  }
}

function keyOf(group: readonly string[]): string {
  return [...group].sort().join('\n')
}

function createNode(): Node {
  return { next: new Map(), fail: undefined, index: 0, low: 0, high: 0 }
}

/** Sets failure links breadth first, and gives each node what its suffixes say. */
function linked(root: Node): Node[] {
  const nodes: Node[] = [root]
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i] as Node
    for (const [symbol, child] of node.next) {
      child.fail = node === root ? root : step(node.fail ?? root, symbol, root)
      child.low |= child.fail.low
      child.high |= child.fail.high
      nodes.push(child)
    }
  }
  return nodes
}

function step(node: Node, symbol: number, root: Node): Node {
  let at: Node | undefined = node
  while (at !== undefined) {
    const child = at.next.get(symbol)
    if (child !== undefined) return child
    at = at.fail
  }
  return root
}
