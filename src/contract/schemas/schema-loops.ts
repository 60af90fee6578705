import type { Report } from '../document/report.ts'
import { isObject, type JsonObject, own, type Schema } from '../schema.ts'
import type { SchemaStore } from './schema-store.ts'

/** References that apply to one and the same value, one behind the other. Each costs a call on the stack. */
const maxChain = 100

/**
 * Reports schemas that apply to the same value without end (`A: { allOf: [{ $ref: A }] }`) or through too long
 * a chain, and cuts them. Recursion through properties and items is fine: it ends where the value ends.
 */
export function cutSchemaLoops(store: SchemaStore, report: Report): void {
  const depths = new Map<JsonObject, number>()
  for (const start of store.resources.keys()) if (!depths.has(start)) visit(start, store, report, depths)
}

interface Frame {
  readonly node: JsonObject
  readonly parts: readonly JsonObject[]
  next: number
  depth: number
}

function visit(start: JsonObject, store: SchemaStore, report: Report, depths: Map<JsonObject, number>): void {
  const open = -1
  const stack: Frame[] = [{ node: start, parts: partsOf(start, store), next: 0, depth: 0 }]
  depths.set(start, open)
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const part = frame.parts[frame.next++]
    if (part === undefined) {
      depths.set(frame.node, frame.depth)
      stack.pop()
      const outer = stack.at(-1)
      if (outer !== undefined) outer.depth = Math.max(outer.depth, frame.depth + 1)
      continue
    }
    const known = depths.get(part)
    if (known === undefined) {
      depths.set(part, open)
      stack.push({ node: part, parts: partsOf(part, store), next: 0, depth: 0 })
    } else if (known === open) {
      complain(
        store,
        report,
        frame.node,
        'the schema applies to the same value without end',
        'recurse through a property or an item',
      )
      cut(stack, store, depths)
      return
    } else frame.depth = Math.max(frame.depth, known + 1)
    if (frame.depth > maxChain) {
      complain(
        store,
        report,
        frame.node,
        `more than ${maxChain} schemas apply to the same value, one through the other`,
        'shorten the chain of references',
      )
      cut(stack, store, depths)
      return
    }
  }
}

/** What refers on from these nodes now refers to nothing: the contract is refused anyway, and nothing may hang. */
function cut(stack: readonly Frame[], store: SchemaStore, depths: Map<JsonObject, number>): void {
  for (const { node } of stack) {
    depths.set(node, 0)
    if (store.targets.has(node)) store.targets.set(node, false)
    if (store.dynamicTargets.has(node)) store.dynamicTargets.set(node, { target: false, anchor: undefined })
  }
}

function complain(store: SchemaStore, report: Report, node: JsonObject, message: string, fix: string): void {
  const source = store.resources.get(node)?.source
  if (source !== undefined) report.error('contract.schema-loop', message, source, store.pointerOf(node), fix)
}

function partsOf(node: JsonObject, store: SchemaStore): JsonObject[] {
  const parts: JsonObject[] = []
  const add = (schema: Schema | undefined): void => {
    if (isObject(schema)) parts.push(schema)
  }
  add(store.targets.get(node))
  const dynamic = store.dynamicTargets.get(node)
  if (dynamic !== undefined && dynamic.anchor === undefined) add(dynamic.target)
  for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
    const list = own(node, keyword)
    if (Array.isArray(list)) for (const schema of list as Schema[]) add(schema)
  }
  for (const keyword of ['not', 'if', 'then', 'else']) add(own(node, keyword) as Schema | undefined)
  const dependent = own(node, 'dependentSchemas')
  if (isObject(dependent)) for (const schema of Object.values(dependent)) add(schema as Schema)
  return parts
}
