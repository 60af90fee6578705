import type { QueryPair } from '../../kernel/facts.ts'
import type { SchemaError } from '../../kernel/verdict.ts'
import type { DeclaredMedia } from '../declared.ts'
import { maxErrors, noErrors } from '../judge/judge.ts'
import { pointerToken, type Schema } from '../schema.ts'
import { itemsOf, kindsOf, propertyOf } from '../schemas/kinds.ts'
import type { SchemaStore } from '../schemas/schema-store.ts'
import { compileReadText, type DeepEntry, parseBrackets, readDeep, refused } from './read-text.ts'

type Read = (texts: readonly string[]) => unknown

const delimiters: Readonly<Record<string, string>> = {
  spaceDelimited: ' ',
  pipeDelimited: '|',
  tabDelimited: '\t',
}

/**
 * Compiles the reading of form fields into an object, each field typed by its property's schema. A name that
 * comes twice is an error unless its property is a list. `a[b]=c` is read where `a` is declared as an object or list.
 */
export function compileReadForm(
  media: DeclaredMedia,
  store: SchemaStore,
): (pairs: readonly QueryPair[]) => { readonly value: unknown; readonly errors: readonly SchemaError[] } {
  const readers = new Map<string, Read>()
  const readerOf = (name: string, schema: Schema | undefined): Read => {
    let read = readers.get(name)
    if (read === undefined) {
      read = compileRead(schema, media.styles.get(name), store)
      if (readers.size < 1_000) readers.set(name, read)
    }
    return read
  }
  return (pairs) => {
    const texts = new Map<string, string[]>()
    const deep = new Map<string, DeepEntry[]>()
    const errors: SchemaError[] = []
    for (const { name, value } of pairs) {
      const bracket = name.indexOf('[')
      const base = bracket > 0 ? name.slice(0, bracket) : name
      const known =
        bracket > 0 &&
        propertyOf(media.schema, name, store) === undefined &&
        propertyOf(media.schema, base, store) !== undefined
      const path = known ? parseBrackets(name, bracket) : undefined
      if (path !== undefined) {
        const entries = deep.get(base) ?? []
        entries.push({ path, text: value })
        deep.set(base, entries)
      } else {
        const list = texts.get(name)
        if (list === undefined) texts.set(name, [value])
        else list.push(value)
      }
    }
    const object = Object.create(null) as Record<string, unknown>
    const put = (name: string, value: unknown, code: string): void => {
      if (value === refused || name === '__proto__') {
        if (errors.length < maxErrors)
          errors.push({ pointer: `/body/${pointerToken(name)}`.slice(0, 300), code })
      } else object[name] = value
    }
    for (const [name, list] of texts) {
      const schema = propertyOf(media.schema, name, store)
      const value = readerOf(name, schema)(list)
      put(name, value, list.length > 1 && value === refused ? 'repeated' : 'type')
    }
    for (const [name, entries] of deep)
      put(
        name,
        texts.has(name) ? refused : readDeep(entries, propertyOf(media.schema, name, store), store),
        'malformed',
      )
    return { value: object, errors: errors.length === 0 ? noErrors : errors }
  }
}

function compileRead(schema: Schema | undefined, style: string | undefined, store: SchemaStore): Read {
  const kinds = kindsOf(schema, store)
  if (schema !== undefined && kinds.has('array') && !kinds.has('string')) {
    const readItem = compileReadText(itemsOf(schema, store), store)
    const by =
      style === undefined ? undefined : (delimiters[style] ?? (style === 'commaDelimited' ? ',' : undefined))
    return (texts) => {
      const items: unknown[] = []
      for (const text of by !== undefined && texts.length === 1 ? (texts[0] as string).split(by) : texts) {
        const item = readItem(text)
        if (item === refused) return refused
        items.push(item)
      }
      return items
    }
  }
  if (schema !== undefined && kinds.has('object') && !kinds.has('string'))
    return (texts) => (texts.length === 1 ? readJsonObject(texts[0] as string) : refused)
  const read = compileReadText(schema, store)
  return (texts) => (texts.length === 1 ? read(texts[0] as string) : refused)
}

/** An object in one form field is JSON (OpenAPI 3.1 §4.8.15.1.1). */
function readJsonObject(text: string): unknown {
  let reserved = false
  try {
    const value: unknown = JSON.parse(text, (key, inner: unknown) => {
      if (key === '__proto__') reserved = true
      return inner
    })
    return reserved ? refused : value
  } catch {
    return refused
  }
}
