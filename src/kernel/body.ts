import type { Readable } from 'node:stream'
import type { Denial } from './verdict.ts'

/**
 * A request body that has not been read. Exactly one of `read`, `stream`, `discard` is called once.
 * What arrives is counted on real bytes; a framing error or an abort rejects with a `Fault`
 * (`LISTEN_MALFORMED`, `LISTEN_TIMEOUT`).
 */
export interface Incoming {
  /** Content-Length, where the request states one. */
  readonly declared: number | undefined
  /** True when the request has a body (Content-Length > 0, or chunked, or an open HTTP/2 stream). */
  readonly present: boolean
  /** The whole body, or `INSPECT_BODY_TOO_LARGE` as soon as `limit` bytes are passed. */
  read(limit: number): Promise<Uint8Array | Denial>
  /** The body as it arrives, for operations that stream; fails past `limit`. */
  stream(limit: number): Readable
}

/** A body that is sent on: nothing, whole bytes, or a stream. */
export type Outgoing = Uint8Array | Readable | undefined
