import type { Operation } from '../../kernel/operation.ts'
import { namesOf, parseTemplate, type Segment } from './template.ts'

export type Route =
  | { readonly operation: Operation; readonly params: Readonly<Record<string, string>> }
  /** The path is declared, the method is not: what would be. */
  | { readonly allow: readonly string[] }
  | undefined

export interface Router {
  /** `path` is canonical, percent-encoded, below the base path. */
  find(method: string, path: string): Route
}

interface Leaf {
  readonly methods: Map<string, { readonly operation: Operation; readonly names: readonly string[] }>
  allow: readonly string[]
}

interface Node {
  readonly literals: Map<string, Node>
  readonly mixed: { readonly segment: Segment & { kind: 'mixed' }; readonly node: Node }[]
  parameter: Node | undefined
  leaf: Leaf | undefined
}

const noParams: Readonly<Record<string, string>> = Object.freeze(
  Object.create(null) as Record<string, string>,
)

/**
 * Compiles a tree of segments. At each segment a literal goes before a mixed segment, that before a parameter
 * (OpenAPI 3.1 §4.8.8.2: concrete before templated); the path is chosen before the method. HEAD is answered by
 * GET where it is not declared.
 */
export function compileRouter(operations: readonly Operation[]): Router {
  const root = createNode()
  for (const operation of operations) {
    const segments = parseTemplate(operation.template)
    if (typeof segments !== 'string') insert(root, segments, operation)
  }
  return {
    find(method, path) {
      if (path.charCodeAt(0) !== 47) return undefined
      const values: string[] = []
      const leaf = search(root, path, 1, values)
      if (leaf === undefined) return undefined
      const found = leaf.methods.get(method) ?? (method === 'HEAD' ? leaf.methods.get('GET') : undefined)
      if (found === undefined) return { allow: leaf.allow }
      const { names } = found
      if (names.length === 0) return { operation: found.operation, params: noParams }
      const params = Object.create(null) as Record<string, string>
      for (let i = 0; i < names.length; i++) params[names[i] as string] = values[i] as string
      return { operation: found.operation, params }
    },
  }
}

function createNode(): Node {
  return { literals: new Map(), mixed: [], parameter: undefined, leaf: undefined }
}

function insert(root: Node, segments: readonly Segment[], operation: Operation): void {
  let node = root
  for (const segment of segments) node = childOf(node, segment)
  node.leaf ??= { methods: new Map(), allow: [] }
  const { methods } = node.leaf
  if (!methods.has(operation.method)) methods.set(operation.method, { operation, names: namesOf(segments) })
  const allow = new Set(methods.keys())
  if (allow.has('GET')) allow.add('HEAD')
  node.leaf.allow = [...allow].sort()
}

function childOf(node: Node, segment: Segment): Node {
  switch (segment.kind) {
    case 'literal': {
      const child = node.literals.get(segment.text) ?? createNode()
      node.literals.set(segment.text, child)
      return child
    }
    case 'parameter':
      node.parameter ??= createNode()
      return node.parameter
    case 'mixed': {
      const same = node.mixed.find((m) => m.segment.literals.join('{}') === segment.literals.join('{}'))
      if (same !== undefined) return same.node
      const child = createNode()
      node.mixed.push({ segment, node: child })
      // More literal text first.
      node.mixed.sort((a, b) => b.segment.literals.join('').length - a.segment.literals.join('').length)
      return child
    }
  }
}

/** Depth first; each node of the tree is entered at most once, since it has one parent. */
function search(node: Node, path: string, from: number, values: string[]): Leaf | undefined {
  const slash = path.indexOf('/', from)
  const last = slash < 0
  let text = last ? path.slice(from) : path.slice(from, slash)
  if (text.includes('%')) {
    try {
      text = decodeURIComponent(text)
    } catch {
      return undefined
    }
  }
  const literal = node.literals.get(text)
  if (literal !== undefined) {
    const leaf = last ? literal.leaf : search(literal, path, slash + 1, values)
    if (leaf !== undefined) return leaf
  }
  if (text === '' || (node.parameter === undefined && node.mixed.length === 0) || text.includes('/'))
    return undefined
  const count = values.length
  for (const { segment, node: child } of node.mixed) {
    if (!split(text, segment.literals, values)) continue
    const leaf = last ? child.leaf : search(child, path, slash + 1, values)
    if (leaf !== undefined) return leaf
    values.length = count
  }
  if (node.parameter === undefined) return undefined
  values.push(text)
  const leaf = last ? node.parameter.leaf : search(node.parameter, path, slash + 1, values)
  if (leaf === undefined) values.length = count
  return leaf
}

/** Takes a mixed segment apart: each parameter ends where the next literal first occurs, the last one at the end. */
function split(text: string, literals: readonly string[], values: string[]): boolean {
  const count = values.length
  const first = literals[0] as string
  if (!text.startsWith(first)) return false
  let at = first.length
  for (let i = 1; i < literals.length; i++) {
    const literal = literals[i] as string
    const end =
      i === literals.length - 1
        ? text.endsWith(literal)
          ? text.length - literal.length
          : -1
        : text.indexOf(literal, at + 1)
    if (end <= at) {
      values.length = count
      return false
    }
    values.push(text.slice(at, end))
    at = end + literal.length
  }
  return true
}
