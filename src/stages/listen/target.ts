import type { QueryPair } from '../../kernel/query.ts'
import { type Denial, deny, isDenied } from '../../kernel/verdict.ts'
import { parseQuery } from './query-pairs.ts'

/** A request target in the one form that is routed, judged, logged and forwarded (RFC 3986 §6.2.2). */
export interface Target {
  /** Canonical path: starts with `/`, unreserved characters decoded, hex upper-case; `*` for `OPTIONS *`. */
  readonly path: string
  /** Raw query without `?`. */
  readonly query: string
  readonly pairs: readonly QueryPair[]
  /** Scheme and authority of an absolute-form target (RFC 9112 §3.2.2), as written. */
  readonly absolute: { readonly scheme: string; readonly authority: string } | undefined
}

const noPairs: readonly QueryPair[] = Object.freeze([])

/** pchar without `%` and `;`, plus `/`: what a clean path is made of. */
const clean = /^[!$&'()*+,\-./0-9:=@A-Z_a-z~]*$/
/** What a path may hold at all: printable ASCII; the characters outside RFC 3986 are percent-encoded. */
const printable = /^[\x21-\x7e]*$/
const encoded = /%[0-9A-Fa-f]{2}/g
const strayPercent = /%(?![0-9A-Fa-f]{2})/
const unsafe = /["<>[\]^`{|}]/g
const unreserved = /^[A-Za-z0-9\-_~]$/
/** A percent sign that a second decoding would read as an escape. */
const twice = /%25[0-9A-Fa-f]{2}/
/** Escapes of slash, backslash, dot. */
const structural = /%2[EF]|%5C/i
const controls = /[\u0000-\u001f\u007f-\u009f]/

/**
 * The only canonicaliser. Reads a request target of HTTP/1.1 (origin, absolute, asterisk form) or `:path`.
 * Refuses what two parsers could read differently: `LISTEN_PATH_AMBIGUOUS`, `LISTEN_QUERY_AMBIGUOUS`; and what
 * is no target: `LISTEN_MALFORMED`.
 */
export function parseTarget(raw: string): Target | Denial {
  if (raw.charCodeAt(0) === 0x2f) return parseOrigin(raw, undefined)
  if (raw === '*') return { path: '*', query: '', pairs: noPairs, absolute: undefined }
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#\\]*)(.*)$/s.exec(raw)
  if (match === null) return malformed('not origin, absolute or asterisk form')
  const [, scheme = '', authority = '', rest = ''] = match
  return parseOrigin(rest.startsWith('/') ? rest : `/${rest}`, { scheme: scheme.toLowerCase(), authority })
}

function parseOrigin(raw: string, absolute: Target['absolute']): Target | Denial {
  const mark = raw.indexOf('?')
  const rawPath = mark === -1 ? raw : raw.slice(0, mark)
  const path = parsePath(rawPath)
  if (typeof path !== 'string') return path
  if (mark === -1) return { path, query: '', pairs: noPairs, absolute }
  const query = raw.slice(mark + 1)
  if (query === '') return { path, query, pairs: noPairs, absolute }
  if (!printable.test(query) || query.includes('#') || query.includes('\\'))
    return malformed('query holds a character that no target may hold')
  const pairs = parseQuery(query)
  return isDenied(pairs) ? pairs : { path, query, pairs, absolute }
}

function parsePath(raw: string): string | Denial {
  if (!clean.test(raw)) return canonicalPath(raw)
  if (raw.includes('//')) return ambiguous('empty segment')
  if (raw.includes('/.') && hasDotSegment(raw)) return ambiguous('dot segment')
  return raw
}

/** The slow way, for paths with escapes or characters outside the clean set. */
function canonicalPath(raw: string): string | Denial {
  if (!printable.test(raw) || raw.includes('#'))
    return malformed('path holds a character that no target may hold')
  if (raw.includes('\\')) return ambiguous('backslash')
  if (raw.includes(';')) return ambiguous('path parameter')
  if (strayPercent.test(raw)) return ambiguous('bad percent-encoding')
  if (structural.test(raw)) return ambiguous('encoded slash, backslash or dot')
  const path = raw
    .replace(encoded, (octet) => {
      const character = String.fromCharCode(Number.parseInt(octet.slice(1), 16))
      return unreserved.test(character) ? character : octet.toUpperCase()
    })
    .replace(unsafe, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  if (twice.test(path)) return ambiguous('double percent-encoding')
  if (path.includes('//')) return ambiguous('empty segment')
  if (path.includes('/.') && hasDotSegment(path)) return ambiguous('dot segment')
  const decoded = decode(path)
  if (decoded === undefined) return ambiguous('not UTF-8')
  if (controls.test(decoded)) return ambiguous('encoded control character')
  return path
}

function hasDotSegment(path: string): boolean {
  return /\/\.{1,2}(?:\/|$)/.test(path)
}

/** `undefined` where the escapes are not valid UTF-8 (overlong forms and surrogates are not). */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function malformed(reason: string): Denial {
  return deny('LISTEN_MALFORMED', 'listen.target', reason)
}

function ambiguous(reason: string): Denial {
  return deny('LISTEN_PATH_AMBIGUOUS', 'listen.path', reason)
}
