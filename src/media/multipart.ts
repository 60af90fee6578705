import { isUtf8 } from 'node:buffer'

/** One part of a form (RFC 7578). */
export interface FormPart {
  readonly name: string
  /** Name of the file as the caller says; undefined for a field. */
  readonly file: string | undefined
  /** Lower-case essence as written; undefined where the part says none. */
  readonly mediaType: string | undefined
  readonly data: Uint8Array
}

/** Parts of one body, unless the caller says otherwise. */
export const defaultMaxParts = 200
const maxHead = 4_096
const boundaryText = /^[0-9A-Za-z'()+_,\-./:=?]{1,70}$/
const parameter = /;[ \t]*([a-zA-Z*]{1,20})=(?:"([^"\r\n\\]{0,500})"|([!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}))/g
const reserved = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Reads `multipart/form-data` as all servers do: CRLF line ends, boundary at the beginning of a line, `name` once,
 * no backslash or `name*`, nothing before the first and after the last boundary. What two parsers could read
 * differently is `undefined`.
 */
export function parseMultipart(
  body: Uint8Array,
  boundary: string | undefined,
  maxParts: number = defaultMaxParts,
): readonly FormPart[] | undefined {
  if (boundary === undefined || !boundaryText.test(boundary)) return undefined
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.length)
  const opening = Buffer.from(`--${boundary}`)
  const separator = Buffer.from(`\r\n--${boundary}`)
  if (!startsWith(buffer, opening, 0)) return undefined
  const parts: FormPart[] = []
  let at = opening.length
  for (;;) {
    if (buffer[at] === 45 && buffer[at + 1] === 45)
      return isEnd(buffer, at + 2) && parts.length > 0 ? parts : undefined
    if (buffer[at] !== 13 || buffer[at + 1] !== 10 || parts.length === maxParts) return undefined
    const end = buffer.indexOf(separator, at)
    if (end < 0) return undefined
    const gap = buffer.indexOf('\r\n\r\n', at)
    if (gap < 0 || gap + 4 > end || gap - at > maxHead) return undefined
    const part = partOf(buffer.subarray(at + 2, Math.max(at + 2, gap)), buffer.subarray(gap + 4, end))
    if (part === undefined) return undefined
    parts.push(part)
    at = end + separator.length
  }
}

function startsWith(buffer: Buffer, prefix: Buffer, at: number): boolean {
  return (
    buffer.length >= at + prefix.length &&
    buffer.compare(prefix, 0, prefix.length, at, at + prefix.length) === 0
  )
}

function isEnd(buffer: Buffer, at: number): boolean {
  return at === buffer.length || (at + 2 === buffer.length && buffer[at] === 13 && buffer[at + 1] === 10)
}

function partOf(head: Buffer, data: Buffer): FormPart | undefined {
  if (!isUtf8(head)) return undefined
  let name: string | undefined
  let file: string | undefined
  let mediaType: string | undefined
  const seen = new Set<string>()
  for (const line of head.toString('utf8').split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon < 1 || /[\r\n]/.test(line)) return undefined
    const field = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    if (seen.has(field)) return undefined
    seen.add(field)
    if (field === 'content-disposition') {
      const read = readDisposition(value)
      if (read === undefined) return undefined
      ;({ name, file } = read)
    } else if (field === 'content-type') mediaType = value.split(';')[0]?.trim().toLowerCase()
    else if (field === 'content-transfer-encoding') {
      if (!/^(?:7bit|8bit|binary)$/i.test(value)) return undefined
    } else if (field !== 'content-length') return undefined
  }
  return name === undefined ? undefined : { name, file, mediaType, data }
}

function readDisposition(value: string): { name: string; file: string | undefined } | undefined {
  const semicolon = value.indexOf(';')
  if (semicolon < 0 || value.slice(0, semicolon).trim().toLowerCase() !== 'form-data') return undefined
  let name: string | undefined
  let file: string | undefined
  let rest = value.slice(semicolon)
  for (const [whole, key = '', quoted, bare] of value.slice(semicolon).matchAll(parameter)) {
    rest = rest.replace(whole, '')
    const content = quoted ?? bare ?? ''
    const lower = key.toLowerCase()
    if (lower === 'name' && name === undefined) name = content
    else if (lower === 'filename' && file === undefined) file = content
    else return undefined
  }
  if (rest.trim() !== '' || name === undefined || reserved.has(name)) return undefined
  return { name, file }
}
