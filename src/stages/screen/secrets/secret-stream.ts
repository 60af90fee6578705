import { Transform, type TransformCallback } from 'node:stream'
import { Fault } from '../../../kernel/fault.ts'
import { StreamSecrets, type StreamSecretsOptions } from './stream-secrets.ts'

/** How long letters are held that may be the first of a secret, and what has begun as one. */
const lettersMs = 50
const begunMs = 2_000

export interface SecretStreamOptions extends Pick<StreamSecretsOptions, 'kind' | 'search' | 'watching'> {
  /** True: a secret ends the stream. Nothing of it has left. */
  readonly blocking: boolean
  found: StreamSecretsOptions['found']
  /** Called once, when the last byte has left or cannot; `cut`: not all was known when it left. */
  over(cut: boolean): void
}

/** A stream of events or lines without its secrets. UTF-8 is never cut; octets that are none leave as U+FFFD. */
export class SecretStream extends Transform {
  readonly #options: SecretStreamOptions
  readonly #secrets: StreamSecrets
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  #timer: NodeJS.Timeout | undefined
  #isCut = false
  #blocked = false
  /** Octets that left; record counts them. */
  bytesOut = 0

  constructor(options: SecretStreamOptions) {
    super()
    this.#options = options
    this.#secrets = new StreamSecrets({
      ...options,
      found: (kind, name) => {
        options.found(kind, name)
        this.#blocked = options.blocking
      },
      cut: () => {
        this.#isCut = true
      },
    })
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const left = this.#secrets.feed(this.#decoder.decode(chunk, { stream: true }))
    if (this.#blocked) {
      done(blocked())
      return
    }
    this.#leave(this.#options.watching ? chunk : left)
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#secrets.holds) this.#timer = setTimeout(() => this.#late(false), lettersMs).unref()
    done()
  }

  override _flush(done: TransformCallback): void {
    clearTimeout(this.#timer)
    const left = this.#secrets.feed(this.#decoder.decode()) + this.#secrets.end()
    if (this.#blocked) {
      done(blocked())
      return
    }
    if (!this.#options.watching) this.#leave(left)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#timer)
    this.#options.over(this.#isCut)
    done(error)
  }

  #late(final: boolean): void {
    const left = this.#secrets.release(final)
    if (this.#blocked) this.destroy(blocked())
    else {
      if (!this.#options.watching) this.#leave(left)
      if (!final && this.#secrets.holds) this.#timer = setTimeout(() => this.#late(true), begunMs).unref()
    }
  }

  #leave(left: string | Buffer): void {
    if (left.length === 0) return
    const bytes = typeof left === 'string' ? Buffer.from(left) : left
    this.bytesOut += bytes.length
    this.push(bytes)
  }
}

function blocked(): Fault {
  return new Fault('SCREEN_SECRET', 'screen.secrets', 'a secret in a stream')
}
