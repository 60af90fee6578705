import { type Denial, deny } from '../../kernel/verdict.ts'
import { classOf } from './field-class.ts'

/** What listen reads from the header section of a request. */
export interface Head {
  /** Accepted fields, lower-case names, flat. */
  readonly flat: readonly string[]
  readonly host: string | undefined
  readonly contentLength: number | undefined
  readonly chunked: boolean
  /** `Expect: 100-continue`. */
  readonly expects: boolean
  /** Upgrade as sent, lower-case; undefined where Connection does not name it. */
  readonly upgrade: string | undefined
  readonly requestId: string | undefined
  readonly traceparent: string | undefined
  readonly forwarded: string | undefined
  readonly forwardedFor: string | undefined
  readonly forwardedHost: string | undefined
  readonly forwardedProto: string | undefined
}

export interface HeadLimits {
  readonly headerBytes: number
  readonly headerCount: number
}

const digits = /^[0-9]{1,16}$/
const ascii = /^[\t\x20-\x7e]*$/

/**
 * Reads raw header lines once (RFC 9110 §5, RFC 9112 §6): singleton fields, framing, hop-by-hop, forwarding.
 * Hop-by-hop fields and everything `Connection` names are gone from the result before anything is added.
 *
 * @param raw name, value, name, value … as read
 * @param trusted the peer is a trusted proxy: its forwarding fields count
 * @param protocol '2' joins cookie crumbs and refuses connection-specific fields (RFC 9113 §8.2.2)
 * @returns `LISTEN_MALFORMED`, `LISTEN_HEADERS_TOO_LARGE`, `LISTEN_EXPECTATION` as refusals
 */
export function parseHead(
  raw: readonly string[],
  trusted: boolean,
  protocol: '1.0' | '1.1' | '2',
  limits: HeadLimits,
): Head | Denial {
  if (raw.length > limits.headerCount * 2) return tooLarge('too many fields')
  const flat: string[] = []
  let seen = 0
  let bytes = 0
  let host: string | undefined
  let contentLength: number | undefined
  let chunked = false
  let expects = false
  let connection: string | undefined
  let upgrade: string | undefined
  let requestId: string | undefined
  let traceparent: string | undefined
  let forwarded: string | undefined
  let forwardedFor: string | undefined
  let forwardedHost: string | undefined
  let forwardedProto: string | undefined
  let cookie = -1

  for (let i = 0; i < raw.length; i += 2) {
    const rawName = raw[i] as string
    const value = raw[i + 1] as string
    bytes += rawName.length + value.length + 4
    const field = classOf(rawName)
    const { name, once } = field
    if (protocol === '2' && name.charCodeAt(0) === 0x3a) continue
    if (field.ascii && !ascii.test(value)) return malformed('byte outside ASCII in a security-relevant field')
    if (once !== 0) {
      if ((seen & once) !== 0) {
        // RFC 9113 §8.2.3: a cookie may come in crumbs on HTTP/2, and on HTTP/2 alone.
        if (protocol !== '2' || name !== 'cookie')
          return malformed('field that may appear once appears twice')
        flat[cookie] = `${flat[cookie]}; ${value}`
        continue
      }
      seen |= once
    }
    switch (field.kind) {
      case 'end-to-end':
        if (once !== 0) {
          if (name === 'host') host = value
          else if (name === 'cookie') cookie = flat.length + 1
          else if (name === 'traceparent') traceparent = value
        }
        flat.push(name, value)
        break
      case 'own':
        switch (name) {
          case 'content-length':
            if (!digits.test(value)) return malformed('Content-Length is not a number')
            contentLength = Number(value)
            if (contentLength > Number.MAX_SAFE_INTEGER) return malformed('Content-Length out of range')
            break
          case 'transfer-encoding':
            if (protocol !== '1.1') return malformed('Transfer-Encoding outside HTTP/1.1')
            if (value.toLowerCase() !== 'chunked')
              return malformed('Transfer-Encoding is not exactly chunked')
            chunked = true
            break
          case 'expect':
            if (value.toLowerCase() !== '100-continue')
              return deny('LISTEN_EXPECTATION', 'listen.expect', 'Expect is not exactly 100-continue')
            expects = protocol !== '1.0'
            break
          case 'x-request-id':
            requestId = value
            break
          case 'connection':
            connection = connection === undefined ? value : `${connection}, ${value}`
            break
          case 'upgrade':
            upgrade = upgrade === undefined ? value.toLowerCase() : `${upgrade}, ${value.toLowerCase()}`
            break
          case 'te':
            if (protocol === '2' && value !== 'trailers') return malformed('TE on HTTP/2')
            break
          default:
            if (protocol === '2' && (name === 'keep-alive' || name === 'proxy-connection'))
              return malformed('connection-specific field on HTTP/2')
        }
        break
      case 'forwarding':
        if (!trusted) break
        if (name === 'forwarded') forwarded = join(forwarded, value)
        else if (name === 'x-forwarded-for') forwardedFor = join(forwardedFor, value)
        else if (name === 'x-forwarded-host') forwardedHost = join(forwardedHost, value)
        else forwardedProto = join(forwardedProto, value)
        flat.push(name, value)
        break
      default:
    }
  }
  if (bytes > limits.headerBytes) return tooLarge('header section too large')
  if (contentLength !== undefined && chunked) return malformed('Content-Length with Transfer-Encoding')
  if (protocol === '2' && (connection !== undefined || upgrade !== undefined))
    return malformed('connection-specific field on HTTP/2')

  let upgrades = false
  if (connection !== undefined && connection !== 'keep-alive' && connection !== 'close') {
    for (const token of connection.toLowerCase().split(',')) {
      const name = token.trim()
      if (name === '' || name === 'keep-alive' || name === 'close') continue
      if (name === 'upgrade') upgrades = true
      else if (classOf(name).guarded) return malformed('Connection names a field that is not hop-by-hop')
      else remove(flat, name)
    }
  }
  return {
    flat,
    host,
    contentLength,
    chunked,
    expects,
    upgrade: upgrades ? upgrade : undefined,
    requestId,
    traceparent,
    forwarded,
    forwardedFor,
    forwardedHost,
    forwardedProto,
  }
}

function join(earlier: string | undefined, value: string): string {
  return earlier === undefined ? value : `${earlier},${value}`
}

function remove(flat: string[], name: string): void {
  for (let i = flat.length - 2; i >= 0; i -= 2) if (flat[i] === name) flat.splice(i, 2)
}

function malformed(reason: string): Denial {
  return deny('LISTEN_MALFORMED', 'listen.head', reason)
}

function tooLarge(reason: string): Denial {
  return deny('LISTEN_HEADERS_TOO_LARGE', 'listen.head', reason)
}
