import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Rejected } from '../../kernel/door.ts'
import type { Arrived } from '../../kernel/facts.ts'
import type { Connection } from './connection.ts'
import type { RequestBody } from './request-body.ts'

/** One request on an HTTP/1 connection and the place for its reply. */
export interface Exchange {
  readonly connection: Connection
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly body: RequestBody | undefined
  /** The request, or the refusal of listen. */
  readonly call: Arrived | Rejected
}

/** A handshake has a raw socket instead of a response. */
export interface Handshake {
  readonly connection: Connection
  readonly socket: Duplex
  readonly call: Arrived | Rejected
}
