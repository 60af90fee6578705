import { Readable } from 'node:stream'
import type { Answer, Upgrade } from '../../kernel/facts.ts'
import { denialOf, Fault } from '../../kernel/fault.ts'
import { Fields } from '../../kernel/fields.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'
import { ReplyBody } from './reply-body.ts'
import type { ReplyHead } from './reply-head.ts'
import type { ReplySink } from './reply-reader.ts'
import type { UpstreamRequest } from './upstream.ts'

/** Bodies of a stated length up to this are handed over whole, without a stream. */
export const SMALL_BODY = 65_536

const CHECK = 'forward.upstream'

/** What an exchange needs of the connection that carries it. */
export interface Carrier {
  resume(): void
  /** Ends the connection; nothing of it is used again. */
  destroy(): void
}

/** The waits of one exchange, complete. */
export interface Waits {
  readonly connectMs: number
  readonly headMs: number
  readonly idleBodyMs: number
  readonly totalMs: number
}

export type Phase = 'connect' | 'send' | 'head' | 'body' | 'over'

/** One call on its way: what is known of its reply, and how long it has waited. */
export class Exchange implements ReplySink {
  readonly request: UpstreamRequest
  readonly started: number = performance.now()
  phase: Phase = 'connect'
  /** When the phase began, or when it last made progress. */
  since: number = this.started
  carrier: Carrier | undefined
  /** How often it was sent. */
  attempts = 0
  /** True while the upstream has no room for the request body. */
  blocked: (() => boolean) | undefined
  /** Where the present read ends. */
  readEnd = 0
  /** True when the reply was read to its end. */
  whole = false
  /** The head of the reply, once it is there. */
  reply: ReplyHead | undefined
  #wait = 0
  #bytes: Buffer | undefined
  #filled = 0
  #stream: ReplyBody | undefined
  #endless = false
  readonly #resolve: (outcome: Answer | Denial) => void

  constructor(request: UpstreamRequest, resolve: (outcome: Answer | Denial) => void) {
    this.request = request
    this.#resolve = resolve
    if (request.body instanceof Readable) this.#watch(request.body)
  }

  /** A request body that breaks off ends the call, also while it waits for a connection. */
  #watch(body: Readable): void {
    const broken = (error: unknown): void => this.fail(denialOf(error))
    const closed = (): void => {
      if (!body.readableEnded) this.fail(deny('LISTEN_MALFORMED', 'forward.body', 'request body cut short'))
    }
    // The listeners stay: an error that comes late must not end the process.
    body.on('error', broken)
    body.on('close', closed)
    if (body.errored !== null) broken(body.errored)
    else if (body.destroyed) closed()
  }

  enter(phase: Phase, now: number): void {
    this.phase = phase
    this.since = now
  }

  head(head: ReplyHead): void {
    const now = performance.now()
    this.reply = head
    this.#wait = now - this.started
    this.enter('body', now)
    if (typeof head.framing === 'number' && head.framing > 0 && head.framing <= SMALL_BODY)
      this.#bytes = Buffer.allocUnsafe(head.framing)
  }

  data(bytes: Buffer, start: number, end: number): void {
    // One buffer for all that one read brings, however many chunks it is in.
    if (this.#bytes === undefined) this.#bytes = Buffer.allocUnsafe(this.readEnd - start)
    this.#filled += bytes.copy(this.#bytes, this.#filled, start, end)
  }

  complete(): void {
    this.whole = true
  }

  /** After each read: hands on what came. False when the reader has no room for more. */
  flush(now: number): boolean {
    const head = this.reply
    if (head === undefined) return true
    this.since = now
    const declared = typeof head.framing === 'number' ? head.framing : undefined
    if (declared !== undefined && declared <= SMALL_BODY) return true
    if (this.#stream === undefined) this.#startStream(head, declared)
    return this.#hand()
  }

  #startStream(head: ReplyHead, declared: number | undefined): void {
    const source = {
      resume: () => this.carrier?.resume(),
      abandon: () => this.#abandon(),
    }
    this.#stream = new ReplyBody(source, declared)
    this.#endless = isEventStream(head.fields)
    this.#resolve(this.#answer(head, this.#stream, undefined))
  }

  #hand(): boolean {
    const stream = this.#stream
    if (stream === undefined || this.#bytes === undefined) return true
    const bytes = this.#bytes.subarray(0, this.#filled)
    this.#bytes = undefined
    this.#filled = 0
    return stream.receive(bytes)
  }

  /** The reply is whole and its connection is free again. */
  settle(): void {
    this.phase = 'over'
    this.carrier = undefined
    if (this.#stream !== undefined) {
      this.#hand()
      this.#stream.finish()
    } else if (this.reply !== undefined) {
      const bytes = this.#bytes
      const body =
        bytes === undefined || bytes.length === this.#filled ? bytes : bytes.subarray(0, this.#filled)
      this.#resolve(this.#answer(this.reply, body, undefined))
    }
  }

  /** 101: the connection is a tunnel now. */
  settleTunnel(tunnel: Upgrade): void {
    this.phase = 'over'
    this.carrier = undefined
    if (this.reply !== undefined) this.#resolve(this.#answer(this.reply, undefined, tunnel))
  }

  /** Ends without a whole reply. A body on its way breaks off; otherwise the call is refused. */
  fail(outcome: Denial): void {
    if (this.phase === 'over') return
    this.phase = 'over'
    const carrier = this.carrier
    this.carrier = undefined
    carrier?.destroy()
    if (this.#stream === undefined) this.#resolve(outcome)
    else this.#stream.destroy(new Fault(outcome.code, outcome.check, outcome.reason, outcome.cause))
  }

  /** Looks at the clock and at the caller; ends the exchange where either is over. */
  inspect(now: number, waits: Waits): void {
    if (this.request.caller.signal.aborted) this.fail(deny('FORWARD_UNREACHABLE', CHECK, 'caller left'))
    else if (!this.#endless) this.#inspectClock(now, waits)
  }

  #inspectClock(now: number, waits: Waits): void {
    if (now - this.started >= waits.totalMs) this.fail(timeout('total time'))
    else if (this.phase === 'connect') {
      if (now - this.since >= waits.connectMs) this.fail(timeout('no connection in time'))
    } else if (this.phase === 'send') {
      if (this.blocked?.() !== true) this.since = now
      else if (now - this.since >= waits.idleBodyMs) this.fail(timeout('upstream does not take the body'))
    } else if (this.phase === 'head') {
      if (now - this.since >= waits.headMs) this.fail(timeout('no reply head in time'))
    } else if (this.#stream?.full === true) this.since = now
    else if (now - this.since >= waits.idleBodyMs) this.fail(timeout('reply body stands still'))
  }

  #abandon(): void {
    this.phase = 'over'
    const carrier = this.carrier
    this.carrier = undefined
    carrier?.destroy()
  }

  #answer(head: ReplyHead, body: Answer['body'], tunnel: Upgrade | undefined): Answer {
    return { status: head.status, fields: new Fields(head.fields), body, wait: this.#wait, tunnel }
  }
}

function timeout(reason: string): Denial {
  return deny('FORWARD_TIMEOUT', CHECK, reason)
}

function isEventStream(fields: readonly string[]): boolean {
  for (let i = 0; i < fields.length; i += 2)
    if (fields[i] === 'content-type')
      return (fields[i + 1] as string).toLowerCase().startsWith('text/event-stream')
  return false
}
