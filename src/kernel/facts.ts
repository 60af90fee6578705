import type { Duplex } from 'node:stream'
import type { Incoming, Outgoing } from './body.ts'
import type { Fields } from './fields.ts'
import type { Grant } from './grant.ts'
import type { Operation } from './operation.ts'
import type { Principal } from './principal.ts'
import type { QueryPair } from './query.ts'
import type { Trail } from './trail.ts'

export type { QueryPair }

/** The channel a request came on. */
export interface Channel {
  /** `address:port` of the listener as configured. */
  readonly listener: string
  readonly secure: boolean
  readonly protocol: '1.0' | '1.1' | '2'
  /** SNI host name, lower-case, on TLS. */
  readonly serverName: string | undefined
  /** DER of the verified client certificate, on mutual TLS. */
  readonly certificate: Uint8Array | undefined
}

/** Proven by listen: one well-formed request on an allowed channel. */
export interface Arrived {
  /** Request id: the caller's when it is well-formed, else made here. */
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly channel: Channel
  /** Address of the socket's other end. */
  readonly peer: string
  /** Address of the caller: `peer`, or what trusted proxies say. Canonical text, no port, no zone. */
  readonly client: string
  readonly method: string
  /** Canonical path, percent-encoded: the one string that is routed, judged, logged and forwarded. */
  readonly path: string
  /** Raw query without `?`; forwarded as it is. */
  readonly query: string
  /** The same query decoded. */
  readonly pairs: readonly QueryPair[]
  /** Host and port the caller asked for, lower-case. */
  readonly authority: string
  /** Valid W3C trace id (32 hex), the caller's or made here. */
  readonly traceId: string
  /** Accepted fields: no hop-by-hop field, no field that only a proxy may set. */
  readonly fields: Fields
  readonly body: Incoming
  /** Asks for `101 Switching Protocols`: present only for a well-formed WebSocket handshake. */
  readonly upgrade: Upgrade | undefined
  /** Aborted when the caller goes away. */
  readonly signal: AbortSignal
  /** What each check says is written here; only record reads it. */
  readonly trail: Trail
}

/** The raw connection of a WebSocket handshake. */
export interface Upgrade {
  readonly socket: Duplex
  readonly head: Uint8Array
}

/** Proven by match: the call is this declared operation. */
export interface Matched extends Arrived {
  readonly operation: Operation
  /** Path parameters, percent-decoded, by declared name; null prototype. */
  readonly params: Readonly<Record<string, string>>
}

/** Proven by identify. */
export interface Identified extends Matched {
  readonly principal: Principal
}

/** Proven by authorize. */
export interface Authorized extends Identified {
  readonly grant: Grant
}

/** Proven by limit: there is budget for the call. */
export interface Admitted extends Authorized {
  /** Called exactly once when the call is over, with the status the caller got and the bytes of the reply's body. */
  readonly settle: (status: number, bytes?: number) => void
  /** `RateLimit`, `RateLimit-Policy` as flat pairs for the reply. */
  readonly limitFields: readonly string[]
}

/** Proven by inspect. */
export interface Inspected extends Admitted {
  readonly input: Input
}

/** The judged input. */
export interface Input {
  /** Parsed body of a JSON, form or text operation; undefined without body or for streamed bodies. */
  readonly value: unknown
  /** The bytes that are forwarded: those that were judged. */
  readonly body: Outgoing
  /** Media type that is forwarded, canonical spelling. */
  readonly mediaType: string | undefined
}

/** Proven by forward: the upstream's answer, not yet judged. */
export interface Answered extends Inspected {
  readonly answer: Answer
}

export interface Answer {
  readonly status: number
  readonly fields: Fields
  readonly body: Outgoing
  /** Milliseconds until the reply head. */
  readonly wait: number
  /** Set on `101`: the upstream's side of the tunnel. */
  readonly tunnel: Upgrade | undefined
}

/** Proven by screen: this may leave. */
export interface Screened extends Answered {
  readonly reply: Reply
}

/** What goes to the caller. `fields` are flat name, value pairs without framing fields. */
export interface Reply {
  readonly status: number
  readonly fields: readonly string[]
  readonly body: Outgoing
  /** Close the connection after this reply. */
  readonly close?: boolean
  readonly tunnel?: Upgrade
}

/** How far a call got; `record` takes whatever there is. */
export type Progress =
  | Arrived
  | Matched
  | Identified
  | Authorized
  | Admitted
  | Inspected
  | Answered
  | Screened
