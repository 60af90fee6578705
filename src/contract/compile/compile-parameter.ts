import type { SchemaError } from '../../kernel/verdict.ts'
import type { DeclaredParameter } from '../declared.ts'
import { compileRequestCheck, type RequestJudges } from '../judge/check-request.ts'
import { noErrors } from '../judge/judge.ts'
import { isObject, pointerToken, type Schema } from '../schema.ts'
import { itemsOf, kindsOf, propertyOf } from '../schemas/kinds.ts'
import type { SchemaStore } from '../schemas/schema-store.ts'
import { compileReadText, refused } from './read-text.ts'

/** How the texts of a parameter become its value. */
export type ParameterShape = 'scalar' | 'list' | 'object'

export interface ParameterCheck {
  readonly pointer: string
  readonly shape: ParameterShape
  /** The value of one text; `refused` where it is none. */
  read(text: string): unknown
  /** The value of an exploded list. */
  readAll(texts: readonly string[]): unknown
  /** Errors of the value. */
  validate(value: unknown): readonly SchemaError[]
}

/** Compiles one parameter: from text to value to errors (OpenAPI 3.1 §4.8.12). */
export function compileParameter(parameter: DeclaredParameter, judges: RequestJudges): ParameterCheck {
  const { store } = judges.validators
  const pointer = `/${parameter.in}/${pointerToken(parameter.name)}`
  const shape = parameter.json ? 'scalar' : shapeOf(parameter.schema, store)
  const validate = compileValidate(parameter, judges, pointer)
  if (parameter.json) return { pointer, shape, read: readJson, readAll: () => refused, validate }
  const readItem = compileReadText(itemsOf(parameter.schema, store), store)
  const readAll = (texts: readonly string[]): unknown => readList(texts, readItem)
  if (shape === 'scalar') {
    const readScalar = compileReadText(parameter.schema, store)
    const strip = prefixOf(parameter)
    const read =
      strip === undefined
        ? readScalar
        : (text: string) => {
            const plain = strip(text)
            return plain === undefined ? refused : readScalar(plain)
          }
    return { pointer, shape, read, readAll: () => refused, validate }
  }
  const split = compileSplit(parameter, shape)
  if (shape === 'list') {
    return {
      pointer,
      shape,
      read: (text) => {
        const texts = split(text)
        return texts === undefined ? refused : readList(texts, readItem)
      },
      readAll,
      validate,
    }
  }
  return {
    pointer,
    shape,
    read: (text) => {
      const texts = split(text)
      return texts === undefined ? refused : readPairs(texts, parameter, store)
    },
    readAll: () => refused,
    validate,
  }
}

function shapeOf(schema: Schema | undefined, store: SchemaStore): ParameterShape {
  const kinds = kindsOf(schema, store)
  if (schema === undefined || kinds.size === 7 || kinds.has('string')) return 'scalar'
  if (kinds.has('array')) return 'list'
  return kinds.has('object') ? 'object' : 'scalar'
}

const scalarTypes = ['string', 'integer', 'number', 'boolean']
const silent = new Set([
  'type',
  'description',
  'title',
  'example',
  'examples',
  'default',
  'deprecated',
  'readOnly',
  'writeOnly',
  '$comment',
])

function compileValidate(
  parameter: DeclaredParameter,
  judges: RequestJudges,
  pointer: string,
): (value: unknown) => readonly SchemaError[] {
  const { schema } = parameter
  if (schema === undefined || schema === true) return () => noErrors
  if (isObject(schema)) {
    const plain = Object.keys(schema).every((k) => silent.has(k) || k.startsWith('x-'))
    // Reading the text has already shown the type.
    if (plain && !parameter.json && scalarTypes.includes(schema['type'] as string)) return () => noErrors
  }
  const check = compileRequestCheck(schema, judges, pointer)
  const texts = kindsOf(schema, judges.validators.store).has('string')
  return (value) => {
    const errors = check(value)
    if (errors.length === 0 || !texts || typeof value === 'string' || typeof value === 'object') return errors
    // `7` may be meant as the text where both are let in.
    return check(String(value)).length === 0 ? noErrors : errors
  }
}

function readList(texts: readonly string[], readItem: (text: string) => unknown): unknown {
  const items: unknown[] = new Array(texts.length)
  for (let i = 0; i < texts.length; i++) {
    const item = readItem(texts[i] as string)
    if (item === refused) return refused
    items[i] = item
  }
  return items
}

function readPairs(texts: readonly string[], parameter: DeclaredParameter, store: SchemaStore): unknown {
  const object = Object.create(null) as Record<string, unknown>
  const step = parameter.explode ? 1 : 2
  if (texts.length % step !== 0) return refused
  for (let i = 0; i < texts.length; i += step) {
    let name = texts[i] as string
    let text = texts[i + 1] as string
    if (parameter.explode) {
      const equals = name.indexOf('=')
      if (equals < 0) return refused
      text = name.slice(equals + 1)
      name = name.slice(0, equals)
    }
    if (name in object || name === '__proto__') return refused
    const value = compileReadText(propertyOf(parameter.schema, name, store), store)(text)
    if (value === refused) return refused
    object[name] = value
  }
  return object
}

const delimiters: Readonly<Record<string, string>> = {
  spaceDelimited: ' ',
  pipeDelimited: '|',
  tabDelimited: '\t',
}

/** Splits the text of a list or object by the parameter's style. */
function compileSplit(
  parameter: DeclaredParameter,
  shape: ParameterShape,
): (text: string) => string[] | undefined {
  const { style, explode, name } = parameter
  if (style === 'label') {
    const by = explode ? '.' : ','
    return (text) => (text.startsWith('.') ? text.slice(1).split(by) : undefined)
  }
  if (style === 'matrix') {
    if (!explode)
      return (text) => (text.startsWith(`;${name}=`) ? text.slice(name.length + 2).split(',') : undefined)
    return (text) => {
      if (!text.startsWith(';')) return undefined
      const parts = text.slice(1).split(';')
      if (shape === 'object') return parts
      const start = `${name}=`
      return parts.every((p) => p.startsWith(start)) ? parts.map((p) => p.slice(start.length)) : undefined
    }
  }
  const by = delimiters[style] ?? ','
  if (parameter.in === 'header') return (text) => text.split(',').map((part) => part.trim())
  return (text) => (text === '' ? [] : text.split(by))
}

function prefixOf({ style, name }: DeclaredParameter): ((text: string) => string | undefined) | undefined {
  const prefix = style === 'label' ? '.' : style === 'matrix' ? `;${name}=` : undefined
  return prefix === undefined
    ? undefined
    : (text) => (text.startsWith(prefix) ? text.slice(prefix.length) : undefined)
}

function readJson(text: string): unknown {
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
