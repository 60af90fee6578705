import { Transform, type TransformCallback } from 'node:stream'

/** Characters of one event that are held. */
const longestEvent = 4 << 20
/** What else an event may say of itself: words that no reader takes for a text. */
const sayings: Readonly<Record<string, RegExp>> = {
  event: /^[\w-]{1,64}$/,
  id: /^[\x21-\x7e]{1,512}$/,
  retry: /^\d{1,9}$/,
}

export interface EventJudge {
  /** What leaves in the place of a message; undefined drops it. Throws `Broken` for what ends the stream. */
  message(message: unknown): unknown
  /** True once the answer has left: nothing comes after it. */
  isOver(): boolean
  /** The message that ends a stream which did not keep to the protocol; undefined: the stream breaks off. */
  last(broken: Broken): unknown
}

/** A server that does not keep to the protocol, or says what it may not. */
export class Broken extends Error {
  readonly code: 'SCREEN_SCHEMA' | 'SCREEN_CONTEXT'

  constructor(reason: string, code: Broken['code'] = 'SCREEN_SCHEMA') {
    super(reason)
    this.code = code
  }
}

/**
 * Reads a stream of server-sent events (HTML Living Standard §9.2) line by line, hands each message to its judge, and writes
 * what is left anew: comments, unknown fields and odd line ends never pass. Whatever breaks the stream ends it with a message of our own.
 */
export class EventMessages extends Transform {
  readonly #judge: EventJudge
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })
  #line: string[] = []
  #data: string[] = []
  #said: string[] = []
  #held = 0
  #afterReturn = false
  #over = false
  /** Octets that left; record counts them. */
  bytesOut = 0

  constructor(judge: EventJudge) {
    super()
    this.#judge = judge
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (!this.#over)
      try {
        this.#read(this.#decoder.decode(chunk, { stream: true }))
      } catch (error) {
        this.breakOff(error instanceof Broken ? error : new Broken('events that cannot be read'))
      }
    done()
  }

  override _flush(done: TransformCallback): void {
    // The rest of a stream that broke off is no event.
    if (!this.#over) this.#finish(new Broken('the stream ended without an answer'))
    done()
  }

  /** Ends the stream because of what the server did, or did not do. */
  breakOff(broken: Broken): void {
    if (this.#over || this.destroyed) return
    if (!this.#finish(broken)) this.destroy(broken)
  }

  /** True where the reader was told. */
  #finish(broken: Broken): boolean {
    this.#over = true
    const last = this.#judge.last(broken)
    if (last === undefined) return false
    this.#write(`data: ${JSON.stringify(last)}\n\n`)
    this.#end()
    return true
  }

  #end(): void {
    this.#over = true
    // Whoever writes must leave before the end.
    this.emit('over')
    if (!this.writableEnded) this.end()
  }

  #read(text: string): void {
    let from = this.#afterReturn && text.startsWith('\n') ? 1 : 0
    if (text !== '') this.#afterReturn = false
    for (let at = from; at < text.length && !this.#over; at++) {
      const unit = text.charCodeAt(at)
      if (unit !== 10 && unit !== 13) continue
      this.#line.push(text.slice(from, at))
      if (unit === 13) {
        if (text.charCodeAt(at + 1) === 10) at++
        else if (at + 1 === text.length) this.#afterReturn = true
      }
      from = at + 1
      this.#endLine()
    }
    if (this.#over || from >= text.length) return
    this.#line.push(text.slice(from))
    this.#held += text.length - from
    if (this.#held > longestEvent) throw new Broken('an event above the limit')
  }

  #endLine(): void {
    const line = this.#line.length === 1 ? (this.#line[0] ?? '') : this.#line.join('')
    this.#line = []
    if (line === '') {
      this.#event()
      return
    }
    this.#held += line.length
    if (this.#held > longestEvent) throw new Broken('an event above the limit')
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'data') this.#data.push(value)
    else if (Object.hasOwn(sayings, field) && sayings[field]?.test(value) === true)
      this.#said.push(`${field}: ${value}\n`)
    // A bare comment keeps the connection alive.
    else if (line === ':') this.#write(':\n\n')
  }

  #event(): void {
    const whole = this.#data.join('\n')
    const said = this.#said.join('')
    this.#data = []
    this.#said = []
    this.#held = 0
    if (whole === '') {
      if (said !== '') this.#write(`${said}\n`)
      return
    }
    let message: unknown
    try {
      message = JSON.parse(whole)
    } catch {
      throw new Broken('an event that is not JSON')
    }
    const left = this.#judge.message(message)
    if (left !== undefined) this.#write(`${said}data: ${JSON.stringify(left)}\n\n`)
    if (this.#judge.isOver()) this.#end()
  }

  #write(text: string): void {
    const bytes = Buffer.from(text)
    this.bytesOut += bytes.length
    this.push(bytes)
  }
}
