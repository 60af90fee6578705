import type { Incoming } from '../../kernel/body.ts'
import type { Rejected } from '../../kernel/door.ts'
import type { Arrived, Channel, Upgrade } from '../../kernel/facts.ts'
import { Fields } from '../../kernel/fields.ts'
import { Trail } from '../../kernel/trail.ts'
import { type Denial, deny, isDenied } from '../../kernel/verdict.ts'
import { parseAuthority } from './authority.ts'
import type { Connection } from './connection.ts'
import { askedRequest, type DecisionDialect } from './decision-request.ts'
import { type Head, parseHead } from './head.ts'
import { refuseMethod } from './method.ts'
import type { Limits } from './options.ts'
import { parseOrigin } from './origin.ts'
import { requestIdOf } from './request-id.ts'
import { parseTarget, type Target } from './target.ts'
import { createTraceId, parseTraceparent } from './trace-id.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

/** One request as a protocol hands it over. */
export interface RawRequest {
  readonly connection: Connection
  readonly protocol: Channel['protocol']
  readonly method: string
  readonly target: string
  /** Field lines, flat, as read. */
  readonly lines: readonly string[]
  /** `:authority` on HTTP/2. */
  readonly authority: string | undefined
  /** What the protocol itself found wrong. */
  readonly denial: Denial | undefined
  readonly signal: AbortSignal
  readonly upgrade: Upgrade | undefined
  /** The body, once the head is known to be sound. */
  body(head: Head): Incoming
}

export interface Reading {
  readonly limits: Limits
  readonly trusted: TrustedProxies
  /** The request is a data plane's question about another one. */
  readonly decision: DecisionDialect | undefined
}

/** Reads one request: head, method, target, host, caller. What is not well-formed comes back as `Rejected`. */
export function readRequest(sent: RawRequest, reading: Reading): Arrived | Rejected {
  const raw = reading.decision === undefined ? sent : askedIn(sent, reading.decision)
  const { connection, protocol } = raw
  const trail = new Trail()
  trail.enter('listen')
  const head = parseHead(raw.lines, connection.trusted, protocol, reading.limits)
  if (isDenied(head)) return reject(raw, raw.denial ?? head, trail)

  const denial =
    raw.denial ??
    refuseMethod(raw.method) ??
    (raw.target.length > reading.limits.targetBytes
      ? deny('LISTEN_TARGET_TOO_LONG', 'listen.target', 'target too long')
      : undefined)
  if (denial !== undefined) return reject(raw, denial, trail, head.requestId)
  const target = parseTarget(raw.target)
  if (isDenied(target)) return reject(raw, target, trail, head.requestId)
  if (target.path === '*' && raw.method !== 'OPTIONS')
    return reject(raw, malformed('asterisk form without OPTIONS'), trail, head.requestId)

  let authority = authorityOf(raw, head, target)
  if (typeof authority !== 'string') return reject(raw, authority, trail, head.requestId, target.path)
  let client = connection.peer
  let secure = connection.secure
  if (connection.trusted) {
    const origin = parseOrigin(head, connection.peer, reading.trusted)
    if (isDenied(origin)) return reject(raw, origin, trail, head.requestId, target.path)
    client = origin.client
    if (origin.proto !== undefined) secure = origin.proto === 'https'
    if (origin.host !== undefined) {
      const host = parseAuthority(origin.host)
      if (host === undefined)
        return reject(raw, malformed('forwarded host is no host'), trail, head.requestId, target.path)
      authority = host
    }
  }
  return {
    id: requestIdOf(head.requestId),
    time: Date.now(),
    channel: connection.channel(protocol, secure),
    peer: connection.peer,
    client,
    method: raw.method,
    path: target.path,
    query: target.query,
    pairs: target.pairs,
    authority,
    traceId: parseTraceparent(head.traceparent) ?? createTraceId(),
    fields: new Fields(head.flat),
    body: raw.body(head),
    upgrade: raw.upgrade,
    signal: raw.signal,
    trail,
  }
}

function askedIn(sent: RawRequest, dialect: DecisionDialect): RawRequest {
  const asked = askedRequest(dialect, sent)
  return isDenied(asked) ? { ...sent, denial: sent.denial ?? asked } : { ...sent, ...asked }
}

/** The one authority of a request: Host, absolute target and `:authority` must agree (rows W11, W12, H06). */
function authorityOf(raw: RawRequest, head: Head, target: Target): string | Denial {
  const named = raw.authority ?? head.host
  if (named === undefined) {
    if (raw.protocol !== '1.0') return malformed('no host')
    if (target.absolute === undefined) return ''
  }
  const authority = named === undefined ? undefined : parseAuthority(named)
  if (named !== undefined && authority === undefined) return malformed('host is not host and port')
  if (raw.authority !== undefined && head.host !== undefined && parseAuthority(head.host) !== authority)
    return malformed('authority and host differ')
  if (target.absolute === undefined) return authority ?? ''
  const { scheme } = target.absolute
  if (scheme !== (raw.connection.secure ? 'https' : 'http') && !raw.connection.trusted)
    return malformed('scheme of the target is not the scheme of the channel')
  if (scheme !== 'http' && scheme !== 'https') return malformed('scheme of the target is not HTTP')
  const absolute = parseAuthority(target.absolute.authority)
  if (absolute === undefined) return malformed('authority of the target is not host and port')
  if (authority !== undefined && authority !== absolute) return malformed('target and host differ')
  return absolute
}

/** True where listen refused the request. */
export function isRejected(call: Arrived | Rejected): call is Rejected {
  return 'denial' in call
}

function reject(raw: RawRequest, denial: Denial, trail: Trail, id?: string, path = ''): Rejected {
  const { connection, protocol, method } = raw
  return rejection(connection, denial, { protocol, method, path, trail, id })
}

/** A refusal with what is known of the request. */
export function rejection(
  connection: Connection,
  denial: Denial,
  known: {
    readonly protocol?: Channel['protocol']
    readonly method?: string
    readonly path?: string
    readonly trail?: Trail
    readonly id?: string | undefined
  } = {},
): Rejected {
  const trail = known.trail ?? new Trail()
  if (known.trail === undefined) trail.enter('listen')
  trail.note('listen', denial.check, 'deny', denial.code, denial.reason)
  return {
    id: requestIdOf(known.id),
    time: Date.now(),
    channel: connection.channel(known.protocol ?? '1.1', connection.secure),
    peer: connection.peer,
    client: connection.peer,
    method: known.method ?? '',
    path: known.path ?? '',
    denial,
    trail,
  }
}

function malformed(reason: string): Denial {
  return deny('LISTEN_MALFORMED', 'listen.host', reason)
}
