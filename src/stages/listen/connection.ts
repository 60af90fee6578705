import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Rejected } from '../../kernel/door.ts'
import type { Arrived, Channel } from '../../kernel/facts.ts'
import { canonicalAddress } from './address.ts'
import type { RequestBody } from './request-body.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

/** What listen knows of one accepted connection, made once. */
export class Connection {
  readonly socket: Socket
  readonly listener: string
  /** Canonical address of the other end. */
  readonly peer: string
  /** The other end is a trusted proxy. */
  readonly trusted: boolean
  readonly secure: boolean
  readonly serverName: string | undefined
  readonly certificate: Uint8Array | undefined
  /** No further byte of this connection is parsed. */
  closing = false
  /** The exchange the door is busy with (HTTP/1). */
  current: Exchange | undefined
  /** Pipelined requests behind it. */
  waiting: Exchange[] | undefined

  #gone: AbortController | undefined
  #channels: Channel[] | undefined

  /** `address`: of the other end, where that is not the socket's: a data plane asks about a call of its own. */
  constructor(
    socket: Socket,
    listener: string,
    trusted: TrustedProxies,
    tls?: SecureFacts,
    address: string = socket.remoteAddress ?? '',
  ) {
    this.socket = socket
    this.listener = listener
    this.peer = canonicalAddress(address)
    this.trusted = trusted.has(this.peer)
    this.secure = tls !== undefined
    this.serverName = tls?.serverName
    this.certificate = tls?.certificate
  }

  /**
   * Aborted when the connection ends. One for all requests of an HTTP/1 connection, because there a caller
   * leaves by closing it, and because a signal costs more than all the rest of reading a request.
   */
  get signal(): AbortSignal {
    if (this.#gone === undefined) {
      const gone = new AbortController()
      this.#gone = gone
      if (this.socket.destroyed) gone.abort()
      else this.socket.once('close', () => gone.abort())
    }
    return this.#gone.signal
  }

  /** The channel as the record sees it; `secure` also where a trusted proxy says so. */
  channel(protocol: Channel['protocol'], secure: boolean): Channel {
    this.#channels ??= []
    for (const known of this.#channels)
      if (known.protocol === protocol && known.secure === secure) return known
    const { listener, serverName, certificate } = this
    const channel: Channel = Object.freeze({ listener, secure, protocol, serverName, certificate })
    this.#channels.push(channel)
    return channel
  }
}

/** One request on an HTTP/1 connection and the place for its reply. */
export interface Exchange {
  readonly connection: Connection
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly body: RequestBody | undefined
  /** The request, or the refusal of listen. */
  readonly call: Arrived | Rejected
}

/** What a TLS handshake proved. */
export interface SecureFacts {
  readonly serverName: string | undefined
  readonly certificate: Uint8Array | undefined
}

const tag = Symbol('connection')
type Tagged = Socket & { [tag]?: Connection }

/** Ties a connection to its socket. */
export function tagConnection(connection: Connection): void {
  ;(connection.socket as Tagged)[tag] = connection
}

/** The connection of a socket that `tagConnection` saw. */
export function connectionOf(socket: Socket): Connection | undefined {
  return (socket as Tagged)[tag]
}
