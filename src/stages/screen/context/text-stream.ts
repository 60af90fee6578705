import { Transform, type TransformCallback } from 'node:stream'
import type { StreamReader } from './stream-reader.ts'

/** How long a segment that has not ended is held. */
const heldMs = 50

export interface TextStreamOptions {
  readonly reader: StreamReader
  /** What comes leaves as it is, at once; it is only read. */
  readonly watching: boolean
  /** A line that is put at the end. */
  readonly summary: (() => string) | undefined
  /** Called once, when the last byte has left or cannot. */
  over(): void
}

/** A stream of texts that is read as it comes. UTF-8 is never cut; octets that are none leave as U+FFFD. */
export class TextStream extends Transform {
  readonly #options: TextStreamOptions
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  #timer: NodeJS.Timeout | undefined
  /** Octets that left; record counts them. */
  bytesOut = 0

  constructor(options: TextStreamOptions) {
    super({ decodeStrings: false })
    this.#options = options
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const { reader, watching } = this.#options
    const left = reader.feed(this.#decoder.decode(chunk, { stream: true }))
    this.#leave(watching ? chunk : left)
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (reader.holds) this.#timer = setTimeout(() => this.#leave(this.#late()), heldMs).unref()
    done()
  }

  override _flush(done: TransformCallback): void {
    clearTimeout(this.#timer)
    const { reader, watching, summary } = this.#options
    const left = reader.feed(this.#decoder.decode()) + reader.end()
    if (!watching) this.#leave(left)
    if (summary !== undefined && reader.atLineStart) this.#leave(summary())
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#timer)
    this.#options.over()
    done(error)
  }

  #late(): string {
    const left = this.#options.reader.release()
    return this.#options.watching ? '' : left
  }

  #leave(left: string | Buffer): void {
    if (left.length === 0) return
    const bytes = typeof left === 'string' ? Buffer.from(left) : left
    this.bytesOut += bytes.length
    this.push(bytes)
  }
}
