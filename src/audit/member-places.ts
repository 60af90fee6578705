import { EVENT_ID } from 'js-yaml'
import { stringify } from 'yaml'
import { type Entry, quotedSpan, type TextIndex } from './document/text-index.ts'
import type { Json } from './fix.ts'

/** Members that are nested as they will be written. */
export type Tree = { [key: string]: Json | Tree }

export function isTree(value: Json | Tree | undefined): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Where a text takes a change, and what is put there. */
export interface TextPlace {
  readonly from: number
  readonly insert: string
}

/** Members for a mapping in braces: JSON, or YAML’s flow style. */
export function flowPlace(
  index: TextIndex,
  start: number,
  entries: readonly Entry[],
  members: Tree,
): TextPlace | undefined {
  const { text } = index
  const [first] = entries
  const json =
    first === undefined ? text.trimStart().startsWith('{') : text[quotedSpan(text, first.key)[0]] === '"'
  if (first === undefined) {
    if (text[start] !== '{') return undefined
    const pad = json ? '' : ' '
    return {
      from: start + 1,
      insert: `${pad}${inline(members, json)}${/\s/.test(text[start + 1] ?? '') ? '' : pad}`,
    }
  }
  const head = quotedSpan(text, first.key)[0]
  const before = text.slice(start + 1, head)
  const lines = before.includes('\n')
  const indent = lines ? before.slice(before.lastIndexOf('\n') + 1) : ''
  const newline = before.includes('\r\n') ? '\r\n' : '\n'
  const separator = lines ? `,${newline}${indent}` : ', '
  const body = lines
    ? pretty(members, indent, newline, json, /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ')
    : inline(members, json)
  const last = entries.findLast(({ value }) => index.events[value]?.type === EVENT_ID.SCALAR)
  const scalar = last === undefined ? undefined : index.events[last.value]
  if (scalar?.type === EVENT_ID.SCALAR && scalar.valueEnd > scalar.valueStart)
    return { from: quotedSpan(text, scalar)[1], insert: `${separator}${body}` }
  return { from: head, insert: `${body}${separator}` }
}

/** Members for a mapping by indentation: below an entry of one line, else before the first. */
export function blockPlace(
  index: TextIndex,
  entries: readonly Entry[],
  members: Tree,
): TextPlace | undefined {
  const { text } = index
  const [first] = entries
  if (first === undefined) return undefined
  const head = quotedSpan(text, first.key)[0]
  const column = index.position(head).column - 1
  const indent = ' '.repeat(column)
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const lines = stringify(members, { lineWidth: 0, flowCollectionPadding: true }).trimEnd().split('\n')
  const body = lines.join(`${newline}${indent}`)
  for (const { value } of [...entries].reverse()) {
    const scalar = index.events[value]
    if (scalar?.type !== EVENT_ID.SCALAR || scalar.valueEnd <= scalar.valueStart || scalar.indent >= 0)
      continue
    const [from, to] = quotedSpan(text, scalar)
    if (text.slice(from, to).includes('\n')) continue
    const end = text.indexOf('\n', to)
    const rest = text.slice(to, end < 0 ? text.length : end)
    if (!/^[ \t]*(?:#.*)?\r?$/.test(rest)) continue
    const at = end < 0 ? text.length : end - (text[end - 1] === '\r' ? 1 : 0)
    return { from: at, insert: `${newline}${indent}${body}` }
  }
  return { from: head, insert: `${body}${newline}${indent}` }
}

function inline(value: Tree, json: boolean): string {
  return Object.entries(value)
    .map(([key, member]) => `${keyText(key, json)}: ${flow(member, json)}`)
    .join(', ')
}

function flow(value: Json | Tree, json: boolean): string {
  if (isTree(value)) return Object.keys(value).length === 0 ? '{}' : `{ ${inline(value, json)} }`
  if (Array.isArray(value)) return `[${value.map((item) => flow(item, json)).join(', ')}]`
  return typeof value === 'string' && !json && /^[A-Za-z][\w./-]*$/.test(value) && !reserved.test(value)
    ? value
    : JSON.stringify(value)
}

const reserved = /^(?:true|false|null|yes|no|on|off|y|n)$/i

function keyText(key: string, json: boolean): string {
  return !json && /^[A-Za-z_$][\w./-]*$/.test(key) && !reserved.test(key) ? key : JSON.stringify(key)
}

function pretty(members: Tree, indent: string, newline: string, json: boolean, unit: string): string {
  if (!json) return inline(members, json)
  return Object.entries(members)
    .map(
      ([key, value]) =>
        `${JSON.stringify(key)}: ${JSON.stringify(value, null, unit).split('\n').join(`${newline}${indent}`)}`,
    )
    .join(`,${newline}${indent}`)
}
