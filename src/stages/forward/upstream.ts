import type { Outgoing } from '../../kernel/body.ts'
import type { Answer } from '../../kernel/facts.ts'
import type { Denial } from '../../kernel/verdict.ts'

/** One request to the upstream, ready to be written. */
export interface UpstreamRequest {
  /** Request line and fields with the empty line, latin-1. Holds exactly one framing field, or none. */
  readonly head: string
  readonly body: Outgoing
  /** Octets of a streamed body where the head states them; undefined means chunked. */
  readonly length: number | undefined
  /** True for HEAD: the reply has no body. */
  readonly bodiless: boolean
  /** True where a repeat does no harm (RFC 9110 section 9.2.2). */
  readonly idempotent: boolean
  /** Set for a WebSocket handshake. */
  readonly webSocket: WebSocketOffer | undefined
  /** Whose `signal` tells that the caller has left. Read late: making the signal may cost. */
  readonly caller: { readonly signal: AbortSignal }
}

/** What the caller offered, to be compared with what the upstream accepts. */
export interface WebSocketOffer {
  /** `Sec-WebSocket-Key`. */
  readonly key: string
  readonly protocols: readonly string[]
}

/** How many there are now. */
export interface UpstreamCount {
  readonly connections: number
  readonly idle: number
  readonly waiting: number
  readonly tunnels: number
  /** Calls that were sent once more so far, and those for which there was no budget. */
  readonly repeats: number
  readonly repeatsRefused: number
}

/** A client of one origin. Nothing of the protocol behind it shows. */
export interface Upstream {
  /** Never rejects. `FORWARD_UNREACHABLE`, `FORWARD_TIMEOUT`, `FORWARD_MALFORMED`, `LIMIT_OVERLOAD`. */
  call(request: UpstreamRequest): Promise<Answer | Denial>
  count(): UpstreamCount
  /** Takes no more calls, waits for those under way, closes everything. */
  close(): Promise<void>
}
