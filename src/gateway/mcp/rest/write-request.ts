import type { SchemaError } from '../../../kernel/verdict.ts'
import { printJson } from '../../../media/json.ts'
import { isRecord } from '../json-rpc.ts'
import type { ToolArgument, ToolTarget } from './tool-target.ts'

/** A tool call as the request it stands for. */
export interface WrittenRequest {
  /** Path and query, as a caller would write them; not yet canonical. */
  readonly target: string
  /** Header fields that are arguments, flat. */
  readonly lines: readonly string[]
  readonly body: Uint8Array | undefined
}

const noBody = undefined
/** Field values that one line can hold. */
const lineText = /^[\t\x20-\x7e]*$/

/**
 * Writes the arguments of a call into the request of its operation, by the styles that the contract declares. What cannot be
 * written so that it is read back as the same value is an error: nothing is left out, nothing guessed.
 *
 * @param args as `printableValue` gives them: large numbers as they were written
 */
export function writeRequest(
  target: ToolTarget,
  args: Readonly<Record<string, unknown>>,
): WrittenRequest | readonly SchemaError[] {
  const errors: SchemaError[] = []
  const known = new Map<string, ToolArgument>(target.arguments.map((one) => [one.argument, one]))
  const wrong = (argument: string, code: string): void => {
    errors.push({ pointer: `/arguments/${argument.replaceAll('~', '~0').replaceAll('/', '~1')}`, code })
  }
  const values = new Map<string, string>()
  const query: string[] = []
  const lines: string[] = []
  let body: Uint8Array | undefined = noBody
  for (const name of Object.keys(args)) {
    const value = args[name]
    if (name === target.body?.argument) {
      body = Buffer.from(printJson(value, false))
      continue
    }
    const argument = known.get(name)
    if (argument === undefined) {
      // A name that was made up is not repeated.
      errors.push({ pointer: '/arguments', code: 'undeclared' })
      continue
    }
    const written = argument.in === 'query' ? queryOf(argument, value) : textOf(argument, value)
    if (written === undefined) wrong(name, 'type')
    else if (argument.in === 'query') query.push(...(written as readonly string[]))
    else if (argument.in === 'path') values.set(argument.name, written as string)
    else if (lineText.test(written as string)) lines.push(argument.name, written as string)
    else wrong(name, 'characters')
  }
  for (const { argument, in: place, required } of target.arguments)
    if (place === 'path' && required && !Object.hasOwn(args, argument)) wrong(argument, 'required')
  if (target.body?.required === true && body === undefined) wrong(target.body.argument, 'required')
  if (errors.length > 0) return errors.slice(0, mostErrors)
  const path = target.path(values)
  return { target: query.length === 0 ? path : `${path}?${query.join('&')}`, lines, body }
}

const mostErrors = 16

/** One text of a value that has no parts; undefined where it has. */
function scalar(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value)
  return isRawNumber(value) ? value.rawJSON : undefined
}

function isRawNumber(value: unknown): value is { readonly rawJSON: string } {
  return (
    typeof value === 'object' && value !== null && 'rawJSON' in value && Object.getPrototypeOf(value) === null
  )
}

/** Delimiters of the styles in which several texts stand in one. */
const delimiters: Readonly<Record<string, string>> = {
  simple: ',',
  form: ',',
  spaceDelimited: ' ',
  pipeDelimited: '|',
  tabDelimited: '\t',
}

/** A value as one text; undefined where reading it would give another value. */
function textOf(argument: ToolArgument, value: unknown): string | undefined {
  const { style, explode, json } = argument
  if (json) return printJson(value, false)
  const alone = scalar(value)
  if (alone !== undefined) return alone
  const by = delimiters[style] ?? ','
  const parts: string[] = []
  if (Array.isArray(value)) {
    for (const item of value) {
      const part = scalar(item)
      if (part === undefined || part === '' || part.includes(by)) return undefined
      parts.push(part)
    }
    return parts.length === 0 ? undefined : parts.join(by)
  }
  if (!isRecord(value)) return undefined
  for (const [name, member] of Object.entries(value)) {
    const part = scalar(member)
    if (part === undefined || part.includes(by) || name.includes(by) || name.includes('=')) return undefined
    if (explode) parts.push(`${name}=${part}`)
    else parts.push(name, part)
  }
  return parts.length === 0 ? undefined : parts.join(by)
}

/** A value as `name=value` pairs of a query, encoded. */
function queryOf(argument: ToolArgument, value: unknown): readonly string[] | undefined {
  const { name, style, explode, json } = argument
  const pair = (key: string, text: string): string => `${encode(key)}=${encode(text)}`
  if (json) return [pair(name, printJson(value, false))]
  const alone = scalar(value)
  if (alone !== undefined) return [pair(name, alone)]
  if (style === 'deepObject') return isRecord(value) ? deep(name, value, 0) : undefined
  if (style === 'form' && explode) {
    const members: readonly (readonly [string, unknown])[] = Array.isArray(value)
      ? value.map((item) => [name, item] as const)
      : isRecord(value)
        ? Object.entries(value)
        : []
    const pairs: string[] = []
    for (const [key, member] of members) {
      const text = scalar(member)
      if (text === undefined) return undefined
      pairs.push(pair(key, text))
    }
    // An empty list is written by leaving it out.
    return Array.isArray(value) || isRecord(value) ? pairs : undefined
  }
  const text = textOf(argument, value)
  return text === undefined ? undefined : [pair(name, text)]
}

const deepest = 8

function deep(prefix: string, value: Readonly<Record<string, unknown>>, depth: number): string[] | undefined {
  if (depth > deepest) return undefined
  const pairs: string[] = []
  for (const [name, member] of Object.entries(value)) {
    if (/[[\]]/.test(name)) return undefined
    const key = `${prefix}[${name}]`
    const text = scalar(member)
    if (text !== undefined) pairs.push(`${encode(key)}=${encode(text)}`)
    else if (!isRecord(member)) return undefined
    else {
      const inner = deep(key, member, depth + 1)
      if (inner === undefined) return undefined
      pairs.push(...inner)
    }
  }
  return pairs
}

function encode(text: string): string {
  return encodeURIComponent(text)
}
