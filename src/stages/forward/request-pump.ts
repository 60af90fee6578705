import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { Fault } from '../../kernel/fault.ts'
import { passingBytes } from './passing-bytes.ts'

/**
 * Sends a streamed request body: as it is where the head states its length (and then exactly that many
 * octets), else chunked. Reads no faster than the upstream takes it. Errors of the body are the exchange's.
 */
export class RequestPump {
  /** True while the upstream has no room. */
  blocked = false
  readonly #socket: Socket
  readonly #body: Readable
  readonly #length: number | undefined
  readonly #end: (fault: Fault | undefined) => void
  #sent = 0
  #over = false

  /** `end` is called once: without a fault when all is written, with `LISTEN_MALFORMED` where the length is wrong. */
  constructor(
    socket: Socket,
    body: Readable,
    length: number | undefined,
    end: (fault: Fault | undefined) => void,
  ) {
    this.#socket = socket
    this.#body = body
    this.#length = length
    this.#end = end
    socket.on('drain', this.#onDrain)
    body.on('data', this.#onData)
    body.on('end', this.#onEnd)
  }

  /** Stops reading the body and leaves it where it is: it belongs to the listener. */
  stop(): void {
    if (this.#over) return
    this.#over = true
    this.#socket.off('drain', this.#onDrain)
    this.#body.off('data', this.#onData)
    this.#body.off('end', this.#onEnd)
    this.#body.pause()
  }

  #finish(fault: Fault | undefined): void {
    if (this.#over) return
    this.stop()
    this.#end(fault)
  }

  readonly #onData = (bytes: Buffer): void => {
    const socket = this.#socket
    if (bytes.length === 0) return
    const first = this.#sent === 0
    this.#sent += bytes.length
    passingBytes.add(bytes.length)
    if (this.#length === undefined) {
      socket.cork()
      socket.write(`${first ? '' : '\r\n'}${bytes.length.toString(16)}\r\n`, 'latin1')
      socket.write(bytes)
      socket.uncork()
    } else if (this.#sent <= this.#length) socket.write(bytes)
    else {
      this.#finish(cut('longer than it said'))
      return
    }
    if (!socket.writableNeedDrain) return
    this.blocked = true
    this.#body.pause()
  }

  readonly #onDrain = (): void => {
    this.blocked = false
    this.#body.resume()
  }

  readonly #onEnd = (): void => {
    const whole = this.#length === undefined || this.#sent === this.#length
    if (this.#length === undefined)
      this.#socket.write(this.#sent === 0 ? '0\r\n\r\n' : '\r\n0\r\n\r\n', 'latin1')
    this.#finish(whole ? undefined : cut('shorter than it said'))
  }
}

function cut(what: string): Fault {
  return new Fault('LISTEN_MALFORMED', 'forward.body', `request body is ${what}`)
}
