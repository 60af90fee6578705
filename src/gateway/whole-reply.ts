import type { Inspected } from '../kernel/facts.ts'
import { Fields } from '../kernel/fields.ts'

/** Fields by which a caller asks for less than the whole object, or for nothing where it is unchanged (RFC 9110). */
const partial: ReadonlySet<string> = new Set(['if-none-match', 'if-modified-since', 'if-range', 'range'])

/** Where the texts of a reply are read, it must come in the clear, too. */
const coded: ReadonlySet<string> = new Set([...partial, 'accept-encoding'])

/**
 * The call without conditions and ranges, where the reply must prove something: a part proves nothing, and "not modified"
 * tells that an object is there. `read`: texts of the reply are read.
 */
export function askForWholeReply(inspected: Inspected, read = false): Inspected {
  if (!read && inspected.grant.proof === undefined && inspected.grant.read === undefined) return inspected
  const unwanted = read ? coded : partial
  const { flat } = inspected.fields
  for (let i = 0; i < flat.length; i += 2)
    if (unwanted.has(flat[i] as string)) return { ...inspected, fields: without(flat, unwanted) }
  return inspected
}

function without(flat: readonly string[], unwanted: ReadonlySet<string>): Fields {
  const kept: string[] = []
  for (let i = 0; i < flat.length; i += 2)
    if (!unwanted.has(flat[i] as string)) kept.push(flat[i] as string, flat[i + 1] as string)
  return new Fields(kept)
}
