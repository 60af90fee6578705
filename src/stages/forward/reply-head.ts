import { hasConnectionOption, hopByHop, parseConnectionNames } from './hop-by-hop.ts'
import { malformed } from './malformed.ts'
import { HT, SP } from './octets.ts'

/** How the end of a reply body is found (RFC 9112 section 6.3): a length, `chunked`, or the end of the connection. */
export type Framing = number | 'chunked' | 'close'

export interface ReplyHead {
  readonly status: number
  /** End-to-end fields, lower-case names, flat. */
  readonly fields: readonly string[]
  readonly framing: Framing
  /** False where the upstream will close, or where the body ends with the connection. */
  readonly reusable: boolean
  /** `Keep-Alive` as sent: how long the upstream keeps an unused connection. */
  readonly keepAlive: string | undefined
  readonly connection: string | undefined
  readonly upgrade: string | undefined
}

/**
 * Upstreams repeat a few dozen names: the lower-case form is looked up rather than made. Bounded, because
 * names are the upstream's.
 */
const names = new Map<string, string>()
const MAX_NAMES = 512

function lowerCase(name: string): string {
  const known = names.get(name)
  if (known !== undefined) return known
  const lower = name.toLowerCase()
  if (names.size < MAX_NAMES) names.set(name, lower)
  return lower
}

/**
 * Reads a scanned head. `head` holds exactly its octets, `marks` the offsets from `HeadScanner`.
 * Throws `FORWARD_MALFORMED` where the framing could be read in two ways.
 */
export function parseReplyHead(head: Buffer, marks: readonly number[], bodiless: boolean): ReplyHead {
  const text = head.toString('latin1')
  const status = (head[9] as number) * 100 + (head[10] as number) * 10 + (head[11] as number) - 5328
  const http10 = head[7] === 48
  const fields: string[] = []
  let length: number | undefined
  let chunked = false
  let connection: string | undefined
  let keepAlive: string | undefined
  let upgrade: string | undefined
  for (let m = 0; m < marks.length; m += 4) {
    const name = lowerCase(text.slice(marks[m], marks[m + 1]))
    const start = marks[m + 2] as number
    let end = marks[m + 3] as number
    while (end > start && (head[end - 1] === SP || head[end - 1] === HT)) end--
    const value = text.slice(start, end)
    if (!hopByHop.has(name)) fields.push(name, value)
    else if (name === 'content-length') {
      if (length !== undefined) throw malformed('two Content-Length fields')
      length = parseLength(value)
    } else if (name === 'transfer-encoding') {
      if (chunked || value.toLowerCase() !== 'chunked') throw malformed('Transfer-Encoding is not chunked')
      chunked = true
    } else if (name === 'connection') connection = connection === undefined ? value : `${connection},${value}`
    else if (name === 'keep-alive') keepAlive = value
    else if (name === 'upgrade') upgrade = upgrade === undefined ? value : `${upgrade},${value}`
  }
  if (chunked && length !== undefined) throw malformed('Content-Length beside Transfer-Encoding')
  if (chunked && http10) throw malformed('Transfer-Encoding in HTTP/1.0')
  const none = bodiless || status < 200 || status === 204 || status === 304
  const framing = none ? 0 : chunked ? 'chunked' : (length ?? 'close')
  const reusable =
    framing !== 'close' &&
    (http10 ? hasConnectionOption(connection, 'keep-alive') : connection === undefined || stays(connection))
  return {
    status,
    fields: connection === undefined ? fields : withoutNamed(fields, connection),
    framing,
    reusable,
    keepAlive,
    connection,
    upgrade,
  }
}

function stays(connection: string): boolean {
  return connection === 'keep-alive' || !hasConnectionOption(connection, 'close')
}

function withoutNamed(fields: string[], connection: string): string[] {
  if (connection === 'keep-alive' || connection === 'close') return fields
  const named = new Set(parseConnectionNames(connection))
  if (named.size === 0) return fields
  const kept: string[] = []
  for (let i = 0; i < fields.length; i += 2)
    if (!named.has(fields[i] as string)) kept.push(fields[i] as string, fields[i + 1] as string)
  return kept
}

/** `1*DIGIT` up to 2^53 - 1, nothing else: no sign, no list, no space (RFC 9110 section 8.6). */
function parseLength(value: string): number {
  if (value.length === 0 || value.length > 16) throw malformed('Content-Length')
  let length = 0
  for (let i = 0; i < value.length; i++) {
    const digit = value.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) throw malformed('Content-Length')
    length = length * 10 + digit
  }
  if (length > Number.MAX_SAFE_INTEGER) throw malformed('Content-Length')
  return length
}
