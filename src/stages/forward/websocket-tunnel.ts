import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { type CloseCode, closeFrame, FrameCheck, type FrameLimits } from './websocket-frames.ts'

/**
 * The upstream's side of a WebSocket. What is written to it comes from the caller, what is read from it goes to
 * the caller; frames of both are checked on the way. A violation ends both sides: the caller gets a close
 * frame (1002 or 1009), the upstream connection is destroyed.
 */
export class WebSocketTunnel extends Duplex {
  readonly #socket: Socket
  readonly #fromCaller: FrameCheck
  readonly #fromUpstream: FrameCheck
  #over = false
  #expired = false

  /** `rest`: what the upstream sent right behind its 101. */
  constructor(socket: Socket, rest: Buffer, limits: FrameLimits = {}) {
    super({ allowHalfOpen: false, highWaterMark: 65_536 })
    this.#socket = socket
    this.#fromCaller = new FrameCheck(true, limits)
    this.#fromUpstream = new FrameCheck(false, limits)
    socket.on('data', (bytes: Buffer) => this.#receive(bytes))
    socket.on('end', () => this.#finish())
    socket.on('error', () => this.destroy())
    socket.on('close', () => this.#finish())
    if (rest.length > 0) this.#receive(rest)
    socket.resume()
  }

  #receive(bytes: Buffer): void {
    if (this.#over) return
    const atStart = this.#fromUpstream.between
    const code = this.#fromUpstream.read(bytes)
    if (code !== undefined) this.#violate(code, atStart)
    else {
      if (!this.push(bytes)) this.#socket.pause()
      if (this.#expired && this.#fromUpstream.between) this.#violate(1008, true)
    }
  }

  /**
   * Ends both sides because the caller's credential has ended: 1008 to the caller, between two frames; where none
   * ends until it is called again, without.
   */
  expire(): void {
    if (this.#over) {
      this.destroy()
      return
    }
    const { between } = this.#fromUpstream
    if (between || this.#expired) this.#violate(1008, between)
    this.#expired = true
  }

  #finish(): void {
    if (this.#over) return
    this.#over = true
    this.push(null)
  }

  /** A close frame inside another frame would be payload: it is sent between frames only. */
  #violate(code: CloseCode, between: boolean): void {
    this.#over = true
    this.#socket.destroy()
    if (between) this.push(closeFrame(code))
    this.push(null)
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#over) {
      done()
      return
    }
    const code = this.#fromCaller.read(bytes)
    if (code !== undefined) {
      this.#violate(code, this.#fromUpstream.between)
      done()
    } else if (this.#socket.write(bytes)) done()
    else this.#afterDrain(done)
  }

  #afterDrain(done: () => void): void {
    const settle = (): void => {
      this.#socket.off('drain', settle)
      this.#socket.off('close', settle)
      done()
    }
    this.#socket.on('drain', settle)
    this.#socket.on('close', settle)
  }

  override _final(done: () => void): void {
    this.#socket.end()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#over = true
    this.#socket.destroy()
    done(error)
  }
}
