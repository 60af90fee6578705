import { Readable } from 'node:stream'
import { passingBytes } from './passing-bytes.ts'

/** What a reply body needs of its connection. */
export interface BodySource {
  /** The reader has room again. */
  resume(): void
  /** The reader has gone before the end. */
  abandon(): void
}

/**
 * A reply body on its way. What the reader does not take stays in the upstream's socket. A body that is cut
 * short ends with a `Fault` (`FORWARD_MALFORMED`, `FORWARD_TIMEOUT`), never with a clean end.
 */
export class ReplyBody extends Readable {
  /** Content-Length where the upstream stated one. */
  readonly declared: number | undefined
  /** True while the reader has no room. */
  full = false
  readonly #source: BodySource
  #whole = false

  constructor(source: BodySource, declared: number | undefined) {
    super({ highWaterMark: 65_536 })
    this.#source = source
    this.declared = declared
  }

  /** Takes octets; false when the reader has no room for more. */
  receive(bytes: Buffer): boolean {
    passingBytes.add(bytes.length)
    this.full = !this.push(bytes)
    return !this.full
  }

  /** The body is whole. */
  finish(): void {
    this.#whole = true
    this.push(null)
  }

  override _read(): void {
    if (!this.full) return
    this.full = false
    this.#source.resume()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#whole) {
      this.#whole = true
      this.#source.abandon()
    }
    done(error)
  }
}
