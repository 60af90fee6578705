import type { Inspected } from '../kernel/facts.ts'
import { Fields } from '../kernel/fields.ts'

/** Fields by which a caller asks for less than the whole object, or for nothing where it is unchanged (RFC 9110). */
const partial: ReadonlySet<string> = new Set(['if-none-match', 'if-modified-since', 'if-range', 'range'])

/** Where texts of a reply are read it comes whole and in the clear; what is unchanged was read when it was sent. */
const unread: ReadonlySet<string> = new Set(['if-range', 'range', 'accept-encoding'])

/** Media type of our own that no upstream makes. */
const envelope = /\s*application\/vnd\.sallyport\.context\+json\s*(?:;[^,]*)?(?:,|$)/gi

/**
 * The call without conditions and ranges, where the reply must prove something: a part proves nothing, and "not modified"
 * tells that an object is there. `read`: texts of the reply are read; the upstream is asked for what we can read.
 */
export function askForWholeReply(inspected: Inspected, read = false): Inspected {
  const proving = inspected.grant.proof !== undefined || inspected.grant.read !== undefined
  if (!read && !proving) return inspected
  const { flat } = inspected.fields
  let kept: string[] | undefined
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string
    const value = flat[i + 1] as string
    const gone = (proving && partial.has(name)) || (read && unread.has(name))
    const accept = read && name === 'accept' ? value.replace(envelope, '').replace(/,\s*$/, '').trim() : value
    if (!gone && accept === value) {
      kept?.push(name, value)
      continue
    }
    kept ??= flat.slice(0, i)
    if (!gone) kept.push(name, accept === '' ? '*/*' : accept)
  }
  return kept === undefined ? inspected : { ...inspected, fields: new Fields(kept) }
}
