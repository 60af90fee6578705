export type OutboundFailure =
  /** Never sent: scheme, host or address is not one that may be called. */
  'refused' | 'unreachable' | 'timeout' | 'status' | 'too large' | 'malformed'

/** Why a call of Sallyport's own did not give an answer. The message holds no secret and nothing of the reply. */
export class OutboundError extends Error {
  readonly failure: OutboundFailure
  /** HTTP status, where `failure` is `status`. */
  readonly status: number | undefined

  constructor(failure: OutboundFailure, message: string, more: { status?: number; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'OutboundError'
    this.failure = failure
    this.status = more.status
  }
}
