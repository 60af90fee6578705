import { wordsOf } from '../../contract/objects/noun.ts'
import { isObject } from '../../contract/schema.ts'
import type { TargetReply } from '../../outbound/create-target-client.ts'

/** The value of a JSON reply; undefined where it is none. */
export function jsonOf({ text, headers }: TargetReply): unknown {
  const type = headers.get('content-type') ?? ''
  if (!/json/i.test(type) && !/^\s*[[{]/.test(text)) return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** One scalar of a JSON value. */
export interface Leaf {
  /** Member names from the root, `*` for elements of lists. */
  readonly path: readonly string[]
  /** The nearest member name. */
  readonly name: string
  readonly value: string | number | boolean
}

const maxLeaves = 4000

/** Every scalar of a value, in its order. */
export function leavesOf(value: unknown): readonly Leaf[] {
  const leaves: Leaf[] = []
  const visit = (node: unknown, path: readonly string[], name: string, depth: number): void => {
    if (leaves.length >= maxLeaves || depth > 20) return
    if (typeof node === 'string' || typeof node === 'number' || typeof node === 'boolean')
      leaves.push({ path, name, value: node })
    else if (Array.isArray(node)) for (const item of node) visit(item, [...path, '*'], name, depth + 1)
    else if (isObject(node))
      for (const key of Object.keys(node)) visit(node[key], [...path, key], key, depth + 1)
  }
  visit(value, [], '', 0)
  return leaves
}

/** Member paths of a value, for comparing shapes. */
export function pathsOf(value: unknown): ReadonlySet<string> {
  return new Set(leavesOf(value).map(({ path }) => path.join('/')))
}

/** How much two shapes have in common, 0 to 1. */
export function likeness(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  if (one.size === 0 && other.size === 0) return 1
  let common = 0
  for (const item of one) if (other.has(item)) common += 1
  return common / Math.max(one.size, other.size)
}

/** Texts by which a reply says that it is none, whatever its status says. */
const errorNames = new Set([
  'error',
  'errors',
  'err',
  'fault',
  'exception',
  'errormessage',
  'errorcode',
  'errmsg',
])

/**
 * True where a reply says no although its status may say yes: `200 { "error": … }`, `{ "success": false }`, `{ "status": "fail" }`.
 */
function saysNo(value: unknown): boolean {
  if (!isObject(value)) return false
  for (const key of Object.keys(value)) {
    const name = wordsOf(key).join('')
    const member = value[key]
    if (errorNames.has(name) && member !== null && member !== false && member !== '' && !isEmptyList(member))
      return true
    if (/^(?:success|ok|succeeded)$/.test(name) && member === false) return true
    if (
      /^(?:status|result|state)$/.test(name) &&
      typeof member === 'string' &&
      /^(?:fail|failed|failure|error|denied|forbidden|unauthori[sz]ed|not[ _-]?found|ko)$/i.test(member)
    )
      return true
    if (
      /^(?:status|code|statuscode)$/.test(name) &&
      typeof member === 'number' &&
      member >= 400 &&
      member < 600
    )
      return true
  }
  const names = Object.keys(value)
  const only = names.length === 1 ? value[names[0] ?? ''] : undefined
  return (
    typeof only === 'string' &&
    /^(?:message|msg|detail|reason|description)$/i.test(names[0] ?? '') &&
    sayingNo.test(only)
  )
}

const sayingNo =
  /\b(?:not found|no such|does not exist|doesn't exist|denied|forbidden|unauthori[sz]ed|not allowed|not permitted|invalid|missing|required|failed|error|must be)\b/i

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

/** A 2xx that does not say no in its body. */
export function isYes(reply: TargetReply): boolean {
  return reply.status >= 200 && reply.status < 300 && !saysNo(jsonOf(reply))
}

/** True where there is something to read. */
export function hasContent(reply: TargetReply): boolean {
  const value = jsonOf(reply)
  if (value !== undefined) return leavesOf(value).length > 0
  return reply.text.trim().length > 0
}

/** Values that tell one object from another: texts and numbers with enough in them. */
export function distinctValues(reply: TargetReply): ReadonlySet<string> {
  const value = jsonOf(reply)
  if (value === undefined) return reply.text.length > 8 ? new Set([reply.text.slice(0, 4000)]) : new Set()
  const values = new Set<string>()
  for (const { value: leaf, name } of leavesOf(value)) {
    if (typeof leaf === 'boolean' || volatile.test(wordsOf(name).join(' '))) continue
    const text = String(leaf)
    if (typeof leaf === 'string' ? text.length >= 3 : text.replace(/\D/g, '').length >= 3) values.add(text)
  }
  return values
}

/** Differ from call to call. */
const volatile =
  /^(?:timestamp|server time|now|request id|trace id|correlation id|instance|nonce|etag|last seen|last accessed)$/

/** A reply without the words of the request and without digits: two refusals of different ids read the same. */
export function skeleton(reply: TargetReply, echoed: readonly string[]): string {
  let text = reply.text.slice(0, 4000)
  for (const word of echoed) if (word !== '') text = text.split(word).join('§')
  return `${reply.status} ${text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/gi, '§').replace(/\d+/g, '#')}`
}
