import { wordsOf } from '../../contract/objects/noun.ts'
import { compilePattern } from '../../contract/pattern/pattern.ts'
import { isObject, isSchema, type JsonObject, own, type Schema } from '../../contract/schema.ts'
import { randomWord } from '../create-random.ts'
import { isUrlName } from '../words.ts'
import { samplePattern } from './sample-pattern.ts'

/** How a value is made. */
export interface Sampling {
  readonly resolve: (schema: Schema | undefined) => Schema | undefined
  readonly random: () => number
  /** Optional members too. */
  readonly full: boolean
  /** Texts that nothing restricts hold this word, so that the object is known again. */
  readonly marker: string
  /** Examples of the contract before values of our own. */
  readonly examples: boolean
  /** A value that is known for a member; undefined: make one. */
  readonly known: (name: string, path: readonly string[]) => unknown
}

/** A value that a schema accepts, as far as it can be told; undefined where nothing is valid. */
export function sampleValue(
  schema: Schema | undefined,
  name: string,
  how: Sampling,
  path: readonly string[] = [],
): unknown {
  if (path.length > 12) return undefined
  const known = how.known(name, path)
  if (known !== undefined) return known
  const node = how.resolve(schema)
  if (!isObject(node)) return node === false ? undefined : textFor(name, {}, how)
  const said = exampleIn(node, name, how)
  if (said !== undefined) return said
  const options = own(node, 'enum')
  if (Array.isArray(options) && options.length > 0) return options.find((one) => one !== null) ?? options[0]
  if (own(node, 'const') !== undefined) return own(node, 'const')
  const merged = merge(node, how)
  switch (typeOf(merged)) {
    case 'object':
      return sampleObject(merged, how, path)
    case 'array':
      return sampleList(merged, name, how, path)
    case 'integer':
    case 'number':
      return sampleNumber(merged, name)
    case 'boolean':
      return typeof own(merged, 'default') === 'boolean' ? own(merged, 'default') : false
    case 'null':
      return null
    default:
      return textFor(name, merged, how)
  }
}

/** Values that must be new each time are never taken from an example. */
const unique =
  /^(?:user ?name|login|email|e ?mail|email address|slug|handle|nick ?name|sku|isbn|serial(?: number)?|vin|phone|phone number|mobile)$/

function exampleIn(node: JsonObject, name: string, how: Sampling): unknown {
  if (!how.examples || unique.test(wordsOf(name).join(' '))) return undefined
  const examples = own(node, 'examples')
  const first = Array.isArray(examples) ? examples[0] : undefined
  return own(node, 'example') ?? first ?? own(node, 'x-example')
}

/** `allOf` in one, the first of `oneOf` and `anyOf`. */
function merge(node: JsonObject, how: Sampling, depth = 0): JsonObject {
  const parts = [
    own(node, 'allOf'),
    pickOne(own(node, 'oneOf'), how),
    pickOne(own(node, 'anyOf'), how),
  ].flatMap((one) => (Array.isArray(one) ? one : []))
  if (parts.length === 0 || depth > 6) return node
  const merged: JsonObject = { ...node }
  for (const part of parts) {
    const resolved = isSchema(part) ? how.resolve(part) : undefined
    if (!isObject(resolved)) continue
    const other = merge(resolved, how, depth + 1)
    for (const key of Object.keys(other)) {
      const [one, two] = [own(merged, key), own(other, key)]
      if (key === 'properties' && isObject(one) && isObject(two)) merged[key] = { ...two, ...one }
      else if (key === 'required' && Array.isArray(one) && Array.isArray(two)) merged[key] = [...one, ...two]
      else if (one === undefined) merged[key] = two
    }
  }
  return merged
}

function pickOne(list: unknown, how: Sampling): unknown {
  if (!Array.isArray(list)) return undefined
  const options = list.filter(isSchema).filter((one) => {
    const node = how.resolve(one)
    return isObject(node) && own(node, 'type') !== 'null'
  })
  return options.slice(0, 1)
}

function typeOf(node: JsonObject): string {
  const type = own(node, 'type')
  if (typeof type === 'string') return type
  if (Array.isArray(type)) return String(type.find((one) => one !== 'null') ?? 'string')
  if (isObject(own(node, 'properties')) || isObject(own(node, 'additionalProperties'))) return 'object'
  if (own(node, 'items') !== undefined) return 'array'
  return typeof own(node, 'minimum') === 'number' ? 'number' : 'string'
}

function sampleObject(node: JsonObject, how: Sampling, path: readonly string[]): JsonObject {
  const made: JsonObject = {}
  const required = own(node, 'required')
  const needed = new Set(Array.isArray(required) ? required.map(String) : [])
  const properties = own(node, 'properties')
  for (const key of isObject(properties) ? Object.keys(properties) : []) {
    const child = isObject(properties) ? properties[key] : undefined
    const schema = isSchema(child) ? child : undefined
    const resolved = how.resolve(schema)
    if (isObject(resolved) && own(resolved, 'readOnly') === true) continue
    if (isObject(schema) && own(schema, 'readOnly') === true) continue
    if (!needed.has(key) && !how.full && how.known(key, [...path, key]) === undefined) continue
    if (!needed.has(key) && path.length > 3) continue
    const value = sampleValue(schema, key, how, [...path, key])
    if (value !== undefined) made[key] = value
  }
  const least = own(node, 'minProperties')
  if (typeof least === 'number' && Object.keys(made).length < least && !how.full)
    return sampleObject(node, { ...how, full: true }, path)
  return made
}

function sampleList(node: JsonObject, name: string, how: Sampling, path: readonly string[]): unknown[] {
  const least = own(node, 'minItems')
  const count = Math.min(Math.max(typeof least === 'number' ? least : 1, 1), 5)
  const items = own(node, 'items')
  const list: unknown[] = []
  for (let i = 0; i < count; i++) {
    const value = sampleValue(isSchema(items) ? items : undefined, name, how, [...path, '*'])
    if (value !== undefined) list.push(value)
  }
  return list
}

function sampleNumber(node: JsonObject, name: string): number {
  const number = (key: string): number | undefined => {
    const value = own(node, key)
    return typeof value === 'number' ? value : undefined
  }
  const over = number('exclusiveMinimum')
  const least = number('minimum') ?? (over === undefined ? undefined : over + 1)
  const most = number('maximum') ?? number('exclusiveMaximum')
  const given = own(node, 'default')
  if (typeof given === 'number' && given !== 0) return given
  const words = wordsOf(name).join(' ')
  const usual = /year/.test(words) ? 2020 : /amount|price|total|cost|value/.test(words) ? 10 : 1
  let value = least === undefined ? usual : Math.max(least, usual)
  if (most !== undefined && value > most) value = least ?? most
  const step = number('multipleOf')
  if (step !== undefined && step > 0) value = Math.ceil(value / step) * step
  if (own(node, 'type') === 'integer') value = Math.ceil(value)
  return value
}

function textFor(name: string, node: JsonObject, how: Sampling): string {
  const pattern = own(node, 'pattern')
  const least = own(node, 'minLength')
  const most = own(node, 'maxLength')
  const shortest = typeof least === 'number' ? least : 0
  const longest = typeof most === 'number' ? most : 200
  const word = `${how.marker}${randomWord(how.random, 4)}`
  const told = byFormat(String(own(node, 'format') ?? ''), name, word, how)
  if (typeof pattern === 'string' && (told === undefined || !matches(pattern, told))) {
    const wished = fit(word, Math.max(shortest, Math.min(8, longest)), longest)
    if (matches(pattern, wished)) return wished
    return (
      samplePattern(
        pattern,
        how.random,
        Math.max(shortest, Math.min(unique.test(wordsOf(name).join(' ')) ? 10 : 4, longest)),
      ) ?? wished
    )
  }
  return fit(told ?? byName(name, word, how), shortest, longest)
}

function byFormat(format: string, name: string, word: string, how: Sampling): string | undefined {
  const hex = (length: number): string => {
    let text = ''
    while (text.length < length) text += Math.floor(how.random() * 16).toString(16)
    return text
  }
  switch (format) {
    case 'date':
      return '2030-01-15'
    case 'date-time':
      return '2030-01-15T09:00:00Z'
    case 'time':
      return '09:00:00Z'
    case 'email':
      return `${word}@example.com`
    case 'uuid':
      return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`
    case 'uri':
    case 'url':
      return `https://example.com/${word}`
    case 'ipv4':
      return '192.0.2.7'
    case 'hostname':
      return 'example.com'
    case 'byte':
      return Buffer.from(word).toString('base64')
    case 'password':
      return `Pw-${word}-9Z!`
    default:
      return /^email|mail$/i.test(name) ? `${word}@example.com` : undefined
  }
}

function byName(name: string, word: string, how: Sampling): string {
  const words = wordsOf(name).join(' ')
  if (/password|passwd|pwd|passphrase/.test(words)) return `Pw-${word}-9Z!`
  if (/\be ?mail\b/.test(words)) return `${word}@example.com`
  if (/phone|mobile|telephone/.test(words)) return `+1555${String(Math.floor(how.random() * 9e6) + 1e6)}`
  if (/\b(?:date|day|birthday|dob)$/.test(words)) return '2030-01-15'
  if (/\b(?:at|time|timestamp|starts?|ends?)$/.test(words)) return '2030-01-15T09:00:00Z'
  if (/country/.test(words)) return 'US'
  if (/currency/.test(words)) return 'USD'
  if (/zip|postal|postcode/.test(words)) return '10001'
  if (/^(?:user ?name|login|handle|slug|nick ?name)$/.test(words)) return word
  if (isUrlName(name)) return `https://example.com/${word}`
  return `probe ${word}`
}

function fit(text: string, least: number, most: number): string {
  const short = text.length > most ? text.replace(/^probe /, '').slice(0, most) : text
  return short.padEnd(least, 'x')
}

function matches(pattern: string, text: string): boolean {
  const matcher = compilePattern(pattern)
  return typeof matcher !== 'string' && matcher.test(text)
}
