import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { denialOf, type Fault } from '../../kernel/fault.ts'
import { deny } from '../../kernel/verdict.ts'
import type { Dial } from './dial.ts'
import type { Carrier, Exchange } from './exchange.ts'
import { malformed } from './malformed.ts'
import { ReplyReader } from './reply-reader.ts'
import { RequestPump } from './request-pump.ts'
import { assertWebSocketAccepted } from './websocket-handshake.ts'

/** Octets that one read brings at most. */
const READ_BUFFER = 65_536
/** Up to this a body is copied behind its head: one write costs less than two. */
const JOINED_BODY = 16_384

/** What a connection tells whoever keeps it. */
export interface Keeper {
  /** The connection is free for the next exchange. */
  free(connection: Connection): void
  /** The connection has ended. */
  gone(connection: Connection): void
  /** The exchange got no octet of a reply. True where it will be sent again. */
  again(exchange: Exchange): boolean
  /** 101: the socket leaves the pool. `rest` is what came behind the head. */
  tunnel(connection: Connection, exchange: Exchange, rest: Buffer): void
}

/** One connection to the upstream; carries one exchange at a time (no pipelining). */
export class Connection implements Carrier {
  readonly socket: Socket
  /** When it became idle; 0 while it works. */
  idleSince = 0
  /** How long it may be idle: the pool's time, or less where the upstream says so. */
  keepAliveMs: number
  /** Exchanges it has carried. */
  carried = 0
  exchange: Exchange | undefined
  /** True where it was opened for one WebSocket handshake. */
  readonly dedicated: boolean
  readonly #keeper: Keeper
  readonly #reader = new ReplyReader()
  #pump: RequestPump | undefined
  #ready = false
  #sent = false
  #over = false
  #cause: Error | undefined
  #keepAlive: string | undefined

  constructor(dial: Dial, keeper: Keeper, keepAliveMs: number, dedicated: boolean) {
    this.dedicated = dedicated
    this.#keeper = keeper
    this.keepAliveMs = keepAliveMs
    if (dedicated) {
      // A tunnel needs a socket that is a stream; the pool's connections do without.
      this.socket = dial.open(undefined)
      this.socket.on('data', this.#onData)
    } else {
      const buffer = Buffer.allocUnsafeSlow(READ_BUFFER)
      this.socket = dial.open({ buffer, callback: (length) => this.#read(buffer, length) })
    }
    this.socket.once(dial.readyEvent, () => {
      this.#ready = true
      if (this.exchange !== undefined) this.#send(this.exchange)
    })
    this.socket.on('error', (error) => {
      this.#cause = error
    })
    this.socket.on('end', () => this.#ended())
    this.socket.on('close', () => this.#closed())
  }

  /** False once nothing more can be sent. */
  get usable(): boolean {
    return !this.#over && !this.socket.destroyed && this.socket.writable
  }

  /** Carries one exchange, at once or when the connection stands. */
  carry(exchange: Exchange): void {
    this.exchange = exchange
    this.idleSince = 0
    exchange.carrier = this
    exchange.attempts++
    if (this.#ready) this.#send(exchange)
  }

  resume(): void {
    this.socket.resume()
  }

  destroy(): void {
    if (this.#over) return
    this.#over = true
    this.#pump?.stop()
    this.exchange = undefined
    this.socket.destroy()
    this.#keeper.gone(this)
  }

  /** Lets go of the socket: it is a tunnel's now. */
  release(): Socket {
    this.#over = true
    this.exchange = undefined
    this.socket.off('data', this.#onData)
    this.socket.pause()
    return this.socket
  }

  #send(exchange: Exchange): void {
    const { head, body, length, bodiless, webSocket } = exchange.request
    this.#reader.begin(exchange, bodiless, webSocket !== undefined)
    this.#sent = true
    this.carried++
    const socket = this.socket
    if (body instanceof Readable) {
      exchange.enter('send', performance.now())
      socket.write(head, 'latin1')
      const pump = new RequestPump(socket, body, length, (fault) => this.#bodyOver(exchange, fault))
      this.#pump = pump
      exchange.blocked = () => pump.blocked
      return
    }
    exchange.enter('head', performance.now())
    if (body === undefined || body.length === 0) socket.write(head, 'latin1')
    else if (body.length <= JOINED_BODY) {
      const bytes = Buffer.allocUnsafe(head.length + body.length)
      bytes.write(head, 0, 'latin1')
      bytes.set(body, head.length)
      socket.write(bytes)
    } else {
      socket.cork()
      socket.write(head, 'latin1')
      socket.write(body)
      socket.uncork()
    }
  }

  #bodyOver(exchange: Exchange, fault: Fault | undefined): void {
    this.#pump = undefined
    // The request is not whole: the upstream must not take what it has for a request.
    if (fault !== undefined) exchange.fail(denialOf(fault))
    else if (exchange.phase === 'send') exchange.enter('head', performance.now())
  }

  readonly #onData = (bytes: Buffer): void => {
    this.#read(bytes, bytes.length)
  }

  /** Takes one read; false stops reading until `resume`. */
  #read(bytes: Buffer, length: number): boolean {
    const exchange = this.exchange
    if (exchange === undefined || !this.#sent) {
      // Octets that answer no request must never meet the next one.
      if (exchange === undefined) this.destroy()
      else exchange.fail(denialOf(malformed('reply before the request')))
      return false
    }
    let stop: number
    exchange.readEnd = length
    try {
      stop = this.#reader.read(bytes, 0, length)
      if (exchange.reply?.status === 101 && exchange.request.webSocket !== undefined) {
        assertWebSocketAccepted(exchange.request.webSocket, exchange.reply)
        this.#keeper.tunnel(this, exchange, Buffer.from(bytes.subarray(stop, length)))
        return false
      }
    } catch (error) {
      exchange.fail(denialOf(error))
      return false
    }
    if (!exchange.whole) {
      const room = exchange.flush(performance.now())
      if (!room && !this.#over && this.dedicated) this.socket.pause()
      return room
    }
    this.#whole(exchange, stop === length)
    return !this.#over
  }

  /** The reply is read. The connection lives on only if both messages ended cleanly. */
  #whole(exchange: Exchange, clean: boolean): void {
    const reply = exchange.reply
    if (!clean || this.#pump !== undefined || reply?.reusable !== true || !this.socket.writable)
      this.destroy()
    else {
      if (reply.keepAlive !== this.#keepAlive) this.#obey(reply.keepAlive)
      this.exchange = undefined
      this.#sent = false
      exchange.carrier = undefined
      this.#keeper.free(this)
    }
    exchange.settle()
  }

  /** `Keep-Alive: timeout=5`: leaves a second before the upstream closes. */
  #obey(keepAlive: string | undefined): void {
    this.#keepAlive = keepAlive
    const seconds = /(?:^|[\s,])timeout=(\d{1,9})(?:$|[\s,])/i.exec(keepAlive ?? '')?.[1]
    if (seconds !== undefined) this.keepAliveMs = Math.min(this.keepAliveMs, Number(seconds) * 1000 - 1000)
  }

  #ended(): void {
    const exchange = this.exchange
    if (exchange === undefined || this.#over) this.destroy()
    else if (!this.#sent || this.#reader.untouched) this.#lost(exchange, 'closed before a reply')
    else {
      try {
        this.#reader.finish()
        this.#whole(exchange, false)
      } catch (error) {
        exchange.fail(denialOf(error))
      }
    }
  }

  #closed(): void {
    const exchange = this.exchange
    if (this.#over || exchange === undefined) this.destroy()
    else if (!this.#sent || this.#reader.untouched)
      this.#lost(exchange, this.#cause === undefined ? 'closed' : codeOf(this.#cause))
    else exchange.fail(denialOf(malformed('upstream_truncated', this.#cause)))
  }

  /** No octet of a reply came. */
  #lost(exchange: Exchange, reason: string): void {
    const established = this.#ready
    exchange.carrier = undefined
    const cause = this.#cause
    this.destroy()
    if (established && this.#keeper.again(exchange)) return
    exchange.fail(deny('FORWARD_UNREACHABLE', 'forward.upstream', reason, { cause }))
  }
}

/** `ECONNREFUSED`, `CERT_HAS_EXPIRED` …: never the message, which may hold what the upstream sent. */
function codeOf(error: Error): string {
  const code: unknown = 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : error.name
}
