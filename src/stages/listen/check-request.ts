import { type Denial, deny, isDenied } from '../../kernel/verdict.ts'
import { parseAddress } from './address.ts'
import { partialBody } from './decision-request.ts'
import { latin1, ProtoMessage } from './proto-message.ts'

/** The call that Envoy asks about. */
export interface CheckedCall {
  readonly method: string
  /** Path and query as they were sent. */
  readonly target: string
  readonly authority: string
  readonly secure: boolean
  readonly protocol: '1.0' | '1.1' | '2'
  /** Address of the other end of Envoy's own connection, canonical. */
  readonly peer: string
  /** SNI, lower-case. */
  readonly serverName: string | undefined
  /** Field lines, flat, without pseudo-fields. */
  readonly lines: readonly string[]
  readonly body: Uint8Array
}

/** What is known of a question besides what is wrong with it. */
export interface RefusedCheck {
  readonly denial: Denial
  readonly method: string
  readonly peer: string
}

/**
 * Reads an `envoy.service.auth.v3.CheckRequest`. Whatever Envoy could have made different from what it forwards is refused
 * (`LISTEN_MALFORMED`): a body in part or as text, fields whose bytes it replaced, attributes that contradict the fields.
 */
export function parseCheckRequest(bytes: Uint8Array): CheckedCall | RefusedCheck {
  let method = ''
  let peer = ''
  const refuse = (denial: Denial): RefusedCheck => ({ denial, method, peer })
  try {
    const attributes = new ProtoMessage(bytes).message(1)
    const http = attributes?.message(4)?.message(2)
    if (attributes === undefined || http === undefined)
      return refuse(malformed('no HTTP request is asked about'))
    method = http.text(2)
    const address = parseAddress(attributes.message(1)?.message(1)?.message(1)?.text(2) ?? '')
    if (address === undefined)
      return refuse(malformed('the data plane does not say where the call comes from'))
    peer = address
    const scheme = http.text(6)
    if (scheme !== 'http' && scheme !== 'https') return refuse(malformed('the scheme is not HTTP'))
    const target = http.text(4)
    const authority = http.text(5)
    const body = http.one(12) ?? empty
    const lines = linesOf(http, {
      ':method': method,
      ':path': target,
      ':authority': authority,
      ':scheme': scheme,
    })
    if (isDenied(lines)) return refuse(lines)
    const denial = refuseBody(http, lines, body)
    if (denial !== undefined) return refuse(denial)
    return {
      method,
      target,
      authority,
      secure: scheme === 'https',
      protocol: protocolOf(http.text(10)),
      peer,
      serverName: attributes.message(12)?.text(1).toLowerCase() || undefined,
      lines,
      body,
    }
  } catch {
    return refuse(malformed('not a CheckRequest'))
  }
}

/** `header_map` holds the bytes of each field; `headers` is a map of texts, joined and repaired. */
function linesOf(http: ProtoMessage, pseudo: Readonly<Record<string, string>>): string[] | Denial {
  const raw = http.message(13)?.all(1) ?? []
  const map = http.all(3)
  const lines: string[] = []
  const names = new Set<string>()
  for (const [index, bytes] of [...raw, ...map].entries()) {
    const entry = new ProtoMessage(bytes)
    const name = entry.text(1)
    const exact = index < raw.length
    const value = exact ? latin1(entry.one(3) ?? entry.one(2)) : entry.text(2)
    if (name === partialBody) {
      if (value !== 'false')
        return deny('INSPECT_BODY_TOO_LARGE', 'listen.check', 'the data plane sent the body in part')
      continue
    }
    if (name.startsWith(':')) {
      if (Object.hasOwn(pseudo, name) && pseudo[name] !== value)
        return malformed(`${name} is not what is asked about`)
      continue
    }
    // Envoy says so where it is told to write the fields raw: what else the map holds is told twice.
    if (!exact && raw.length > 0) return malformed('fields are told twice')
    if (!exact) {
      if (names.has(name)) return malformed('a field of the map is there twice')
      names.add(name)
      // Bytes that are no UTF-8 were replaced by this, and are forwarded as they were.
      if (value.includes('!'))
        return malformed('a field may not be as it was sent: write encode_raw_headers: true')
    }
    if (name.toLowerCase() === 'upgrade')
      return malformed('what comes after an upgrade cannot be judged here')
    lines.push(name, value)
  }
  return lines
}

/** The body must be all of it, and its bytes. */
function refuseBody(http: ProtoMessage, lines: readonly string[], body: Uint8Array): Denial | undefined {
  if ((http.one(11)?.length ?? 0) > 0)
    return malformed('the body is not told as bytes: write pack_as_bytes: true')
  for (let i = 0; i < lines.length; i += 2) {
    const name = lines[i]?.toLowerCase()
    const untold =
      (name === 'content-length' && Number(lines[i + 1]) !== body.length) ||
      (name === 'transfer-encoding' && body.length === 0)
    if (untold) return malformed('the body was not told: write with_request_body')
  }
  return undefined
}

function protocolOf(name: string): CheckedCall['protocol'] {
  return name === 'HTTP/1.0' ? '1.0' : name === 'HTTP/1.1' ? '1.1' : '2'
}

function malformed(reason: string): Denial {
  return deny('LISTEN_MALFORMED', 'listen.check', reason)
}

const empty = new Uint8Array(0)
