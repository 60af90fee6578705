import { ChunkedDecoder } from './chunked.ts'
import { HeadScanner } from './head-scanner.ts'
import { malformed } from './malformed.ts'
import { parseReplyHead, type ReplyHead } from './reply-head.ts'

/** What a reader finds, in order: one head, runs of body octets, the end. */
export interface ReplySink {
  head(head: ReplyHead): void
  /** A view that is valid during the call only. */
  data(bytes: Buffer, start: number, end: number): void
  complete(): void
}

const IDLE = 0
const HEAD = 1
const LENGTH = 2
const CHUNKED = 3
const CLOSE = 4

/** Interim replies (1xx) that one call may get; they are dropped (RFC 9110 section 15.2). */
export const MAX_INTERIM = 10

const noSink: ReplySink = { head() {}, data() {}, complete() {} }

/**
 * Reads the replies of one connection as they come in, in any split. Strict where two readers could differ:
 * everything it does not know is `FORWARD_MALFORMED`, thrown.
 */
export class ReplyReader {
  readonly #scanner = new HeadScanner()
  readonly #chunked: ChunkedDecoder
  #sink: ReplySink = noSink
  #phase = IDLE
  #left = 0
  #interim = 0
  #bodiless = false
  #upgrade = false
  #held: Buffer | undefined

  constructor() {
    this.#chunked = new ChunkedDecoder((bytes, start, end) => this.#sink.data(bytes, start, end))
  }

  /** True while no reply is expected: any octet now is one too many. */
  get idle(): boolean {
    return this.#phase === IDLE
  }

  /** True while not one octet of the expected reply has come. */
  get untouched(): boolean {
    return this.#phase === HEAD && this.#interim === 0 && this.#scanner.length === 0
  }

  /** Expects one reply. `bodiless` for HEAD; `upgrade` where 101 was asked for. */
  begin(sink: ReplySink, bodiless: boolean, upgrade: boolean): void {
    this.#sink = sink
    this.#phase = HEAD
    this.#interim = 0
    this.#bodiless = bodiless
    this.#upgrade = upgrade
    this.#scanner.begin()
  }

  /**
   * Reads octets `[from, end)`. Returns where it stopped: `end`, or the first octet after the reply (the start
   * of the tunnel after 101, one too many otherwise).
   */
  read(bytes: Buffer, from: number, end: number): number {
    let i = from
    while (i < end) {
      if (this.#phase === HEAD) i = this.#readHead(bytes, i, end)
      else if (this.#phase === LENGTH) i = this.#readLength(bytes, i, end)
      else if (this.#phase === CHUNKED) {
        i = this.#chunked.decode(bytes, i, end)
        if (this.#chunked.done) this.#complete()
      } else if (this.#phase === CLOSE) {
        this.#sink.data(bytes, i, end)
        i = end
      } else return i
    }
    return i
  }

  /** The connection has ended. Throws where the reply is not whole. */
  finish(): void {
    if (this.#phase === CLOSE) this.#complete()
    else if (this.#phase !== IDLE) throw malformed('upstream_truncated')
  }

  #readHead(bytes: Buffer, from: number, end: number): number {
    const scanner = this.#scanner
    let held = this.#held
    if (held === undefined) {
      const next = scanner.scan(bytes, from, end)
      if (next !== -1) this.#headDone(bytes.subarray(from, next))
      // The buffer is the socket's and will be written over: an unfinished head is copied.
      else this.#held = Buffer.from(bytes.subarray(from, end))
      return next === -1 ? end : next
    }
    const before = scanner.length
    const length = before + end - from
    if (held.length < length) {
      this.#held = Buffer.allocUnsafe(Math.max(length, held.length * 2))
      held.copy(this.#held, 0, 0, before)
      held = this.#held
    }
    bytes.copy(held, before, from, end)
    const next = scanner.scan(held, before, length)
    if (next === -1) return end
    this.#held = undefined
    this.#headDone(held.subarray(0, next))
    return from + next - before
  }

  #headDone(bytes: Buffer): void {
    const head = parseReplyHead(bytes, this.#scanner.marks, this.#bodiless)
    if (head.status === 101) {
      if (!this.#upgrade) throw malformed('101 that nobody asked for')
      this.#phase = IDLE
      this.#sink.head(head)
      return
    }
    if (head.status < 200) {
      if (++this.#interim > MAX_INTERIM) throw malformed('too many interim replies')
      this.#scanner.begin()
      return
    }
    this.#sink.head(head)
    if (head.framing === 'chunked') {
      this.#chunked.begin()
      this.#phase = CHUNKED
    } else if (head.framing === 'close') this.#phase = CLOSE
    else if (head.framing === 0) this.#complete()
    else {
      this.#left = head.framing
      this.#phase = LENGTH
    }
  }

  #readLength(bytes: Buffer, from: number, end: number): number {
    const run = Math.min(this.#left, end - from)
    this.#sink.data(bytes, from, from + run)
    this.#left -= run
    if (this.#left === 0) this.#complete()
    return from + run
  }

  #complete(): void {
    const sink = this.#sink
    this.#phase = IDLE
    this.#sink = noSink
    sink.complete()
  }
}
