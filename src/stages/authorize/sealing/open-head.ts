import type { Identified } from '../../../kernel/facts.ts'
import { Fields } from '../../../kernel/fields.ts'
import type { QueryPair } from '../../../kernel/query.ts'
import type { Denial } from '../../../kernel/verdict.ts'
import { isNamed } from '../ledger/read-ids.ts'
import type { SealedPlan, SealingPlan } from './compile-sealing.ts'
import { isRefusal, type Opener } from './opener.ts'

/** The call with its head rewritten, once: path, query and fields and what was parsed from them say the same. */
export function openHead(plan: SealingPlan, call: Identified, open: Opener): Identified | Denial {
  let opened = call
  const values = new Map<string, string>()
  for (const { id, plan: type } of plan.parameters) {
    const each = (text: string): string | Denial => openAll(type, text, id.separator, open)
    if (id.in === 'path') {
      const written = call.params[id.name]
      if (written === undefined) continue
      const plain = each(written)
      if (isRefusal(plain)) return plain
      if (plain !== written) values.set(id.name, plain)
    } else if (id.in === 'query') {
      const next = openQuery(opened, id.name, each)
      if (isRefusal(next)) return next
      opened = next
    } else {
      const next = openFields(opened, id.in, id.name, each, type.refusal)
      if (isRefusal(next)) return next
      opened = next
    }
  }
  if (values.size === 0) return opened
  const { basePath } = plan.api
  // A mixed segment is put together from all its parameters.
  const all = new Map([...Object.entries(call.params), ...values])
  const below = call.path.slice(basePath.length) || '/'
  const path = plan.path?.(below, all)
  // An id that no path can hold names nothing that this path could.
  if (path === undefined) return (plan.parameters[0] as { readonly plan: SealedPlan }).plan.refusal
  const params = Object.assign(Object.create(null) as Record<string, string>, call.params)
  for (const [name, value] of values) params[name] = value
  return { ...opened, path: basePath + path, params }
}

function openAll(
  type: SealedPlan,
  text: string,
  separator: string | undefined,
  open: Opener,
): string | Denial {
  if (separator === undefined) {
    const plain = open(type, text, false)
    return isRefusal(plain) ? plain : String(plain)
  }
  const parts: string[] = []
  for (const part of text.split(separator)) {
    const plain = open(type, part, false)
    if (isRefusal(plain)) return plain
    // Else one id would become two.
    if (String(plain).includes(separator)) return type.refusal
    parts.push(String(plain))
  }
  return parts.join(separator)
}

/** Rewrites the pairs of one name in the query, as it is written and as it was parsed. */
function openQuery(
  call: Identified,
  name: string,
  each: (text: string) => string | Denial,
): Identified | Denial {
  const replaced = new Map<number, string>()
  for (const [i, pair] of call.pairs.entries()) {
    if (!isNamed(pair.name, name)) continue
    const plain = each(pair.value)
    if (isRefusal(plain)) return plain
    if (plain !== pair.value) replaced.set(i, plain)
  }
  if (replaced.size === 0) return call
  const pairs: QueryPair[] = call.pairs.map((pair, i) => {
    const value = replaced.get(i)
    return value === undefined ? pair : { name: pair.name, value }
  })
  return { ...call, pairs, query: writeQuery(call.query, replaced) }
}

/** The raw query with the values of some pairs replaced; pairs are counted as the parser counts them, without empty ones. */
export function writeQuery(query: string, replaced: ReadonlyMap<number, string>): string {
  let index = 0
  return query
    .split('&')
    .map((piece) => {
      if (piece === '') return piece
      const value = replaced.get(index++)
      if (value === undefined) return piece
      const equals = piece.indexOf('=')
      return `${equals === -1 ? piece : piece.slice(0, equals)}=${encodeURIComponent(value.toWellFormed()).replaceAll('%2C', ',')}`
    })
    .join('&')
}

function openFields(
  call: Identified,
  where: 'header' | 'cookie',
  name: string,
  each: (text: string) => string | Denial,
  refusal: Denial,
): Identified | Denial {
  const field = where === 'header' ? name : 'cookie'
  if (!call.fields.has(field)) return call
  const flat = [...call.fields.flat]
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i] !== field) continue
    const value = flat[i + 1] as string
    const plain = where === 'header' ? each(value.trim()) : openCookie(value, name, each)
    if (isRefusal(plain)) return plain
    // No field can hold it.
    if (plain !== value && /[^\x20-\x7e]/.test(plain)) return refusal
    flat[i + 1] = plain
  }
  return { ...call, fields: new Fields(flat) }
}

function openCookie(value: string, name: string, each: (text: string) => string | Denial): string | Denial {
  const parts: string[] = []
  for (const part of value.split(';')) {
    const equals = part.indexOf('=')
    if (equals < 0 || part.slice(0, equals).trim() !== name) {
      parts.push(part)
      continue
    }
    const plain = each(part.slice(equals + 1).trim())
    if (isRefusal(plain)) return plain
    parts.push(`${part.slice(0, equals)}=${plain.replace(/[;,\s]/g, encodeURIComponent)}`)
  }
  return parts.join(';')
}
