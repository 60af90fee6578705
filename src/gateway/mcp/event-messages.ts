import { Transform, type TransformCallback } from 'node:stream'

/** Characters of one event that are held. */
const longestEvent = 4 << 20

/**
 * Hands each message of a server-sent event stream to `judge`, and sends on what it returns; undefined drops the event. An
 * event that is too long, or is no JSON, ends the stream with an error: nothing unread passes.
 */
export class EventMessages extends Transform {
  readonly #judge: (message: unknown) => unknown
  #text = ''
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })

  constructor(judge: (message: unknown) => unknown) {
    super()
    this.#judge = judge
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.#text += this.#decoder.decode(chunk, { stream: true }).replaceAll('\r\n', '\n')
      for (let end = this.#text.indexOf('\n\n'); end >= 0; end = this.#text.indexOf('\n\n')) {
        this.#event(this.#text.slice(0, end))
        this.#text = this.#text.slice(end + 2)
      }
      if (this.#text.length > longestEvent) throw new Error('an event above the limit')
      done()
    } catch (error) {
      done(error instanceof Error ? error : new Error('event'))
    }
  }

  override _flush(done: TransformCallback): void {
    // The rest of a stream that broke off is no event.
    done()
  }

  #event(text: string): void {
    const lines = text.split('\n')
    const data = lines
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice(5).replace(/^ /, ''))
    const others = lines.filter((line) => !line.startsWith('data:'))
    const whole = data.join('\n')
    if (whole === '') {
      this.push(`${others.join('\n')}\n\n`)
      return
    }
    const left = this.#judge(JSON.parse(whole))
    if (left !== undefined) this.push(`${[...others, `data: ${JSON.stringify(left)}`].join('\n')}\n\n`)
  }
}
