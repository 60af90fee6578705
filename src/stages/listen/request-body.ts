import { Readable, Transform } from 'node:stream'
import type { Incoming } from '../../kernel/body.ts'
import { Fault } from '../../kernel/fault.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'
import type { BodyPace, Paced } from './body-pace.ts'

const check = 'listen.body'
const empty = new Uint8Array(0)

/** The body of a request that has none. */
export const noBody: Incoming = Object.freeze({
  declared: undefined,
  present: false,
  read: () => Promise.resolve(empty),
  stream: () => Readable.from([]),
})

export interface BodyHooks {
  /** Called when the first byte is wanted: sends `100 Continue`. */
  readonly begin?: (() => void) | undefined
  /** Asked at the end: false where the framing cost more than framing may. */
  readonly sound?: ((received: number, fragments: number) => boolean) | undefined
}

/**
 * A request body on its stream, counted on the bytes that arrive. A framing error, an abort or a caller that is
 * too slow fails the reader with a `Fault`, whichever way it reads.
 */
export class RequestBody implements Incoming, Paced {
  readonly declared: number | undefined
  readonly present = true
  received = 0
  /** The last byte has been read. */
  complete = false

  readonly #source: Readable
  readonly #pace: BodyPace
  readonly #begin: (() => void) | undefined
  readonly #sound: ((received: number, fragments: number) => boolean) | undefined
  #fragments = 0
  #taken = false
  #fault: Fault | undefined
  #fail: ((fault: Fault) => void) | undefined
  #sink: Transform | undefined

  constructor(source: Readable, declared: number | undefined, pace: BodyPace, hooks: BodyHooks) {
    this.#source = source
    this.declared = declared
    this.#pace = pace
    this.#begin = hooks.begin
    this.#sound = hooks.sound
  }

  /** The caller waits for `100 Continue` and has not got it: no body byte may come. */
  get awaitsContinue(): boolean {
    return this.#begin !== undefined && !this.#taken
  }

  get blocked(): boolean {
    return this.#sink?.writableNeedDrain === true
  }

  tooSlow(): void {
    this.fail(new Fault('LISTEN_TIMEOUT', check, 'body below the minimum rate'))
  }

  /** Fails whoever reads, now or later. */
  fail(fault: Fault): void {
    if (this.complete) return
    this.#fault ??= fault
    this.#fail?.(this.#fault)
  }

  read(limit: number): Promise<Uint8Array | Denial> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault)
    if (this.#take() && this.declared !== undefined && this.declared > limit)
      return Promise.resolve(tooLarge(limit))
    return new Promise((resolve, reject) => {
      const source = this.#source
      let first: Uint8Array | undefined
      let chunks: Uint8Array[] | undefined
      const settle = (): void => {
        source.off('data', onData).off('end', onEnd).off('close', onClose)
        this.#fail = undefined
        this.#pace.unwatch(this)
      }
      const onData = (chunk: Uint8Array): void => {
        this.#count(chunk)
        if (this.received > limit) {
          settle()
          source.pause()
          resolve(tooLarge(limit))
        } else if (first === undefined) first = chunk
        else if (chunks === undefined) chunks = [first, chunk]
        else chunks.push(chunk)
      }
      const onEnd = (): void => {
        if (!this.#isSound()) return
        this.complete = true
        settle()
        resolve(chunks === undefined ? (first ?? empty) : Buffer.concat(chunks, this.received))
      }
      const onClose = (): void => this.fail(aborted())
      this.#fail = (fault) => {
        settle()
        source.pause()
        reject(fault)
      }
      this.#pace.watch(this)
      // The listener stays: an aborted request emits `error` only where somebody listens.
      source.on('error', ignore).on('data', onData).on('end', onEnd).on('close', onClose)
      this.#begin?.()
      if (source.destroyed && !this.complete) onClose()
    })
  }

  stream(limit: number): Readable {
    this.#take()
    const sink = new Transform({
      transform: (chunk: Uint8Array, _encoding, done) => {
        this.#count(chunk)
        if (this.received > limit)
          done(new Fault('INSPECT_BODY_TOO_LARGE', check, `body over ${limit} bytes`))
        else done(null, chunk)
      },
      flush: (done) => {
        if (this.#isSound()) {
          this.complete = true
          done()
        }
      },
    })
    this.#sink = sink
    const source = this.#source
    const leave = (): void => {
      source.unpipe(sink)
      this.#pace.unwatch(this)
      this.#fail = undefined
    }
    this.#fail = (fault) => {
      leave()
      sink.destroy(fault)
    }
    sink.on('close', leave)
    source.on('error', ignore).on('close', () => {
      if (!source.readableEnded) this.fail(aborted())
    })
    source.on('end', () => this.#pace.unwatch(this))
    if (this.#fault !== undefined) sink.destroy(this.#fault)
    else if (source.destroyed) this.fail(aborted())
    else {
      this.#pace.watch(this)
      source.pipe(sink)
      this.#begin?.()
    }
    return sink
  }

  #count(chunk: Uint8Array): void {
    this.received += chunk.length
    this.#fragments += 1
  }

  #isSound(): boolean {
    if (this.#sound === undefined || this.#sound(this.received, this.#fragments)) return true
    this.fail(new Fault('LISTEN_MALFORMED', check, 'chunk extensions too large'))
    return false
  }

  #take(): true {
    if (this.#taken) throw new Fault('GATEWAY_FAULT', check, 'body read twice')
    this.#taken = true
    return true
  }
}

function ignore(): void {}

function aborted(): Fault {
  return new Fault('LISTEN_MALFORMED', check, 'body ended before its end')
}

function tooLarge(limit: number): Denial {
  return deny('INSPECT_BODY_TOO_LARGE', check, `body over ${limit} bytes`)
}
