import { Readable } from 'node:stream'
import type { Inspected } from '../../kernel/facts.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'
import type { Origin } from './dial.ts'
import {
  BAD_NAME,
  CONTENT_TYPE,
  COOKIE,
  compileFieldKinds,
  DROP,
  KEEP,
  TRACE_PARENT,
  TRACE_STATE,
  VIA,
} from './field-kinds.ts'
import type { ForwardOptions } from './forward-options.ts'
import { writeForwarded } from './forwarded-fields.ts'
import { withoutOwnCookies } from './own-cookies.ts'
import { compileTrace } from './trace-fields.ts'
import type { UpstreamRequest } from './upstream.ts'
import { compileVia } from './via.ts'
import { parseWebSocketOffer } from './web-socket-offer.ts'

/** Methods whose repeat does no harm (RFC 9110 section 9.2.2). */
const idempotent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])
/** Methods that mean something by a body: without one they state a length of 0 (RFC 9110 section 8.6). */
const expectsBody: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

/** What would end a field, or become something else when it is written as latin-1. */
const unwritable = /[^\t\x20-\x7e\x80-\xff]/
/** Also what would leave a quoted string. */
const unquotable = /[^\x21\x23-\x5b\x5d-\x7e]/
/** What a canonical path and query cannot hold: looked at again where the target is put together. */
const unwritableTarget = /[^\x21-\x7e]|[\\#]/
const ambiguousPath = /\/\/|\/\.{1,2}(?:[/;]|$)|\?|%(?:2e|00|5c)/i

const CHECK = 'forward.request'

/** Writes the head of a request from what was judged; no received head is passed on as it was. */
export type WriteRequest = (call: Inspected) => UpstreamRequest | Denial

/**
 * Compiles the writer for one upstream. It refuses with `LISTEN_PATH_AMBIGUOUS` (the joined path is not
 * canonical), `LISTEN_LOOP` (the request has passed here too often), `LISTEN_MALFORMED` (a value cannot be
 * written), `MATCH_METHOD` (TRACE, CONNECT).
 */
export function compileRequest(origin: Origin, options: ForwardOptions): WriteRequest {
  const { basePath, authority } = origin
  const { identity, publicAuthority, stripPrefix = '' } = options
  const credentials = options.credentials ?? 'strip'
  const keepsCookies = options.ownCookies === 'forward'
  const kindOf = compileFieldKinds(droppedFields(options))
  const via = compileVia(options.pseudonym ?? 'sallyport', options.maxLoops ?? 3)
  const writeTrace = compileTrace(options.keepsTrace)
  const encodingLine = options.acceptEncoding === 'forward' ? '' : 'Accept-Encoding: identity\r\n'
  const versionAndHost = ` HTTP/1.1\r\nHost: ${authority}\r\n${encodingLine}`

  return (call) => {
    const { method, query, input, principal } = call
    if (method === 'TRACE' || method === 'CONNECT')
      return deny('MATCH_METHOD', CHECK, 'method is never forwarded')
    let path = call.path
    if (stripPrefix !== '' && path.startsWith(stripPrefix)) path = path.slice(stripPrefix.length) || '/'
    if (path.charCodeAt(0) !== 47 || ambiguousPath.test(path) || unwritableTarget.test(path))
      return deny('LISTEN_PATH_AMBIGUOUS', CHECK, 'joined path is not canonical')
    if (query !== '' && unwritableTarget.test(query)) return unwritten('query')
    const asked = publicAuthority ?? call.authority
    if (unquotable.test(asked) || unquotable.test(call.client) || unquotable.test(call.id))
      return unwritten('fact')

    const webSocket =
      call.upgrade !== undefined && options.webSocket?.(call.operation) === true
        ? parseWebSocketOffer(call)
        : undefined
    const flat = call.fields.flat
    let head = `${method} ${basePath}${path}${query === '' ? '' : `?${query}`}${versionAndHost}`
    let received = ''
    let parent: string | undefined
    let state: string | undefined
    for (let i = 0; i < flat.length; i += 2) {
      const name = flat[i] as string
      const value = flat[i + 1] as string
      const kind = kindOf(name)
      if (kind === DROP) continue
      if (kind === BAD_NAME || unwritable.test(value)) return unwritten('field')
      if (kind === COOKIE) {
        const left = keepsCookies ? value : withoutOwnCookies(value)
        if (left !== '') head += `${name}: ${left}\r\n`
      } else if (kind === VIA) received = received === '' ? value : `${received}, ${value}`
      else if (kind === TRACE_PARENT) parent = value
      else if (kind === TRACE_STATE) state = state === undefined ? value : `${state},${value}`
      else if (
        kind === KEEP ||
        (kind === CONTENT_TYPE ? input.mediaType === undefined : webSocket !== undefined)
      )
        head += `${name}: ${value}\r\n`
    }
    if (via.isLoop(received)) return deny('LISTEN_LOOP', CHECK, 'request has passed here too often')
    if (input.mediaType !== undefined) {
      if (unwritable.test(input.mediaType)) return unwritten('media type')
      head += `Content-Type: ${input.mediaType}\r\n`
    }
    head += writeForwarded(call, asked)
    head += `X-Request-Id: ${call.id}\r\nVia: ${via.value(received, call.channel.protocol)}\r\n`
    head += writeTrace(call, parent, state)
    const assertion = identity === undefined ? '' : identity.header(principal, call.operation.api)
    if (assertion !== '') {
      head += `Sallyport-Identity: ${assertion}\r\n`
      if (credentials === 'assert') head += `Authorization: Bearer ${assertion}\r\n`
    }
    if (webSocket !== undefined) head += 'Connection: Upgrade\r\nUpgrade: websocket\r\n'

    const body = input.body
    const streamed = body instanceof Readable
    const length = streamed ? call.body.declared : body?.length
    if (length !== undefined && (length > 0 || expectsBody.has(method)))
      head += `Content-Length: ${length}\r\n\r\n`
    else if (streamed) head += 'Transfer-Encoding: chunked\r\n\r\n'
    else head += expectsBody.has(method) ? 'Content-Length: 0\r\n\r\n' : '\r\n'
    return {
      head,
      body,
      length: streamed ? length : undefined,
      bodiless: method === 'HEAD',
      idempotent: idempotent.has(method),
      webSocket,
      caller: call,
    }
  }
}

function droppedFields(options: ForwardOptions): Set<string> {
  const dropped = new Set<string>()
  if (options.credentials !== 'forward')
    for (const name of options.credentialFields ?? ['authorization', 'dpop']) dropped.add(name)
  // What the gateway itself writes must not be there twice.
  if (options.credentials === 'assert') dropped.add('authorization')
  if (options.acceptEncoding !== 'forward') dropped.add('accept-encoding')
  return dropped
}

function unwritten(what: string): Denial {
  return deny('LISTEN_MALFORMED', CHECK, `${what} cannot be written`)
}
