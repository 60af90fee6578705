import { type AST, RegExpParser } from '@eslint-community/regexpp'
import type { TextKind } from '../../kernel/text-plan.ts'
import { type CharSet, charSetOf } from '../pattern/char-set.ts'
import { isObject, own, type Schema } from '../schema.ts'
import { kindsOf } from '../schemas/kinds.ts'
import type { SchemaStore } from '../schemas/schema-store.ts'

/** Formats whose texts are made of digits, letters and a few signs that mean nothing to any language. */
const harmlessFormats = new Set([
  'uuid',
  'date',
  'date-time',
  'time',
  'duration',
  'ipv4',
  'ipv6',
  'hostname',
  'int32',
  'int64',
  'decimal',
])
const urlFormats = new Set(['uri', 'url', 'iri', 'uri-reference', 'iri-reference'])

/** Shorter than any attack. */
const tiny = 3
const parser = new RegExpParser({ ecmaVersion: 2025 })

/**
 * Whether a string that this schema accepts can carry an attack: `none` where it cannot (another type, `enum`,
 * `const`, a format or pattern of harmless characters, hardly any length), `url` or `secret` where it says that it is one.
 */
export function textOf(schema: Schema | undefined, store: SchemaStore): TextKind {
  return textOfNode(schema, store, 0)
}

/** The same as a question: may a value of this schema carry an attack at this place? */
export function schemaCanCarryAttack(schema: Schema | undefined, store: SchemaStore): boolean {
  return textOf(schema, store) !== 'none'
}

function textOfNode(schema: Schema | undefined, store: SchemaStore, depth: number): TextKind {
  if (schema === false) return 'none'
  if (!isObject(schema) || depth > 12) return 'free'
  if (!kindsOf(schema, store).has('string')) return 'none'
  if (Object.hasOwn(schema, 'const') || Array.isArray(own(schema, 'enum'))) return 'none'
  const length = own(schema, 'maxLength')
  if (typeof length === 'number' && length <= tiny) return 'none'
  const format = own(schema, 'format')
  if (typeof format === 'string' && harmlessFormats.has(format)) return 'none'
  const pattern = own(schema, 'pattern')
  if (typeof pattern === 'string' && isNarrowPattern(pattern)) return 'none'
  let text: TextKind = 'free'
  if (typeof format === 'string')
    text = urlFormats.has(format) ? 'url' : format === 'password' ? 'secret' : 'free'
  const parts: (Schema | undefined)[] = [store.targets.get(schema)]
  const all = own(schema, 'allOf')
  if (Array.isArray(all)) parts.push(...(all as Schema[]))
  for (const part of parts) {
    if (part === undefined) continue
    const one = textOfNode(part, store, depth + 1)
    if (one === 'none') return 'none'
    if (one !== 'free') text = one
  }
  for (const keyword of ['anyOf', 'oneOf']) {
    const list = own(schema, keyword)
    if (!Array.isArray(list)) continue
    const every = (list as Schema[]).map((one) => textOfNode(one, store, depth + 1))
    if (every.every((one) => one === 'none')) return 'none'
    if (every.includes('url') && !every.includes('free')) text = 'url'
  }
  return text
}

const memory = new Map<string, boolean>()

/** True for `^…$` over letters, digits and `_ . : @ -` alone, without a blank: no language has a statement in them. */
export function isNarrowPattern(source: string): boolean {
  let narrow = memory.get(source)
  if (narrow === undefined) {
    narrow = computeNarrow(source)
    if (memory.size < 10_000) memory.set(source, narrow)
  }
  return narrow
}

function computeNarrow(source: string): boolean {
  let pattern: AST.Pattern
  try {
    pattern = parser.parsePattern(source, 0, source.length, { unicode: true })
  } catch {
    return false
  }
  return pattern.alternatives.every((alternative) => {
    const [first, ...rest] = alternative.elements
    const last = rest.pop()
    if (first?.type !== 'Assertion' || first.kind !== 'start') return false
    if (last?.type !== 'Assertion' || last.kind !== 'end') return false
    return rest.every(isHarmless)
  })
}

function isHarmless(element: AST.Element): boolean {
  switch (element.type) {
    case 'Character':
    case 'CharacterSet':
    case 'CharacterClass': {
      const set = charSetOf(element)
      return set !== undefined && isSubset(set)
    }
    case 'Group':
    case 'CapturingGroup':
      return element.alternatives.every((one) => one.elements.every(isHarmless))
    case 'Quantifier':
      return isHarmless(element.element)
    case 'Assertion':
      // They take characters away, never add one.
      return true
    default:
      return false
  }
}

/** `-` `.` 0–9 `:` `@` A–Z `_` a–z. */
const harmless: CharSet = [45, 46, 48, 58, 64, 90, 95, 95, 97, 122]

function isSubset(set: CharSet): boolean {
  for (let i = 0; i < set.length; i += 2) {
    const [from, to] = [set[i] ?? 0, set[i + 1] ?? 0]
    let inside = false
    for (let k = 0; k < harmless.length; k += 2)
      inside ||= from >= (harmless[k] ?? 0) && to <= (harmless[k + 1] ?? 0)
    if (!inside) return false
  }
  return true
}
