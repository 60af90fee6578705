import type { Schema } from '../schema.ts'
import { itemsOf, kindsOf, propertyOf } from '../schemas/kinds.ts'
import type { SchemaStore } from '../schemas/schema-store.ts'

/** Stands for a text that is no value of the schema's types. */
export const refused: unique symbol = Symbol('refused')

/** Types a text by a schema; `refused` where it cannot be any of the schema's types. */
export type ReadText = (text: string) => unknown

const integer = /^-?(?:0|[1-9]\d{0,30})$/
const number = /^-?(?:0|[1-9]\d{0,30})(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?$/

function readInteger(text: string): unknown {
  return integer.test(text) ? Number(text) : refused
}

function readNumber(text: string): unknown {
  return number.test(text) ? Number(text) : refused
}

function readBoolean(text: string): unknown {
  return text === 'true' ? true : text === 'false' ? false : refused
}

function readString(text: string): unknown {
  return text
}

/**
 * Compiles the reading of a scalar. Strict: an integer has no plus, no leading zero, no fraction, no exponent;
 * a boolean is `true` or `false`. Where several types are let in, the narrower one that fits is taken.
 */
export function compileReadText(schema: Schema | undefined, store: SchemaStore): ReadText {
  const kinds = kindsOf(schema, store)
  const readers: ReadText[] = []
  if (schema === undefined || kinds.size === 7) return readString
  if (kinds.has('boolean')) readers.push(readBoolean)
  if (kinds.has('number')) readers.push(readNumber)
  else if (kinds.has('integer')) readers.push(readInteger)
  if (kinds.has('string')) readers.push(readString)
  const [only] = readers
  if (only === undefined) return () => refused
  if (readers.length === 1) return only
  return (text) => {
    for (const read of readers) {
      const value = read(text)
      if (value !== refused) return value
    }
    return refused
  }
}

/** A field with a bracketed name, taken apart: `filter[tags][]` is `['tags', '']`. */
export interface DeepEntry {
  readonly path: readonly string[]
  readonly text: string
}

const maxDeep = 6

/** `name[a][b]` → `['a', 'b']`; undefined where the brackets do not add up. */
export function parseBrackets(name: string, from: number): string[] | undefined {
  const path: string[] = []
  let at = from
  while (at < name.length) {
    if (name.charCodeAt(at) !== 91 || path.length === maxDeep) return undefined
    const close = name.indexOf(']', at)
    if (close < 0) return undefined
    const key = name.slice(at + 1, close)
    if (key.includes('[') || key === '__proto__') return undefined
    path.push(key)
    at = close + 1
  }
  return path
}

/** Builds the value of fields with bracketed names; `refused` where they contradict each other or the schema's types. */
export function readDeep(
  entries: readonly DeepEntry[],
  schema: Schema | undefined,
  store: SchemaStore,
): unknown {
  const [first] = entries
  if (first !== undefined && first.path.length === 0)
    return entries.length === 1 ? compileReadText(schema, store)(first.text) : refused
  const kinds = kindsOf(schema, store)
  const groups = new Map<string, DeepEntry[]>()
  const list = kinds.has('array') && !kinds.has('object')
  for (const [i, entry] of entries.entries()) {
    const [head, ...path] = entry.path
    if (head === undefined) return refused
    const key = list && head === '' ? `${i}` : head
    const group = groups.get(key) ?? []
    group.push({ path, text: entry.text })
    groups.set(key, group)
  }
  if (list) {
    const items: unknown[] = []
    for (const [key, group] of groups) {
      if (!/^\d{1,4}$/.test(key)) return refused
      const item = readDeep(group, itemsOf(schema, store), store)
      if (item === refused) return refused
      items.push(item)
    }
    return items
  }
  const object = Object.create(null) as Record<string, unknown>
  for (const [key, group] of groups) {
    const value = readDeep(group, propertyOf(schema, key, store), store)
    if (value === refused || key === '') return refused
    object[key] = value
  }
  return object
}
