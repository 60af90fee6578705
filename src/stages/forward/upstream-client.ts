import { deny } from '../../kernel/verdict.ts'
import { Connection, type Keeper } from './connection.ts'
import type { Dial } from './dial.ts'
import { Exchange, type Waits } from './exchange.ts'
import { RetryBudget } from './retry-budget.ts'
import { TunnelSet } from './tunnel-set.ts'
import type { Upstream, UpstreamCount, UpstreamRequest } from './upstream.ts'
import type { FrameLimits } from './websocket-frames.ts'
import { WebSocketTunnel } from './websocket-tunnel.ts'

/** How often all waits are looked at: one timer for everything, whatever the number of calls. */
const TICK_MS = 50

export interface ClientOptions {
  readonly dial: Dial
  readonly waits: Waits
  readonly keepAliveMs: number
  readonly maxConnections: number
  readonly maxQueue: number
  readonly maxTunnels: number
  readonly retries: 0 | 1
  readonly retryShare: number
  readonly frameLimits: FrameLimits
}

/** An HTTP/1.1 client of one origin over its own connections: last in, first out, one call at a time on each. */
export function createUpstream(options: ClientOptions): Upstream {
  return new UpstreamClient(options)
}

class UpstreamClient implements Upstream, Keeper {
  readonly #options: ClientOptions
  readonly #all = new Set<Connection>()
  readonly #idle: Connection[] = []
  #resting: Connection[] = []
  readonly #budget: RetryBudget
  readonly #tunnels: TunnelSet
  #waiting: Exchange[] = []
  #timer: NodeJS.Timeout | undefined
  #closing = false
  #closed: (() => void) | undefined

  constructor(options: ClientOptions) {
    this.#options = options
    this.#tunnels = new TunnelSet(options.maxTunnels)
    this.#budget = new RetryBudget(10, options.retryShare)
  }

  call(request: UpstreamRequest): ReturnType<Upstream['call']> {
    return new Promise((resolve) => {
      this.#budget.earn()
      const exchange = new Exchange(request, resolve)
      if (this.#closing) exchange.fail(deny('GATEWAY_DRAINING', 'forward.upstream', 'shutting down'))
      else if (exchange.phase !== 'over') this.#dispatch(exchange, true)
    })
  }

  count(): UpstreamCount {
    return {
      connections: this.#all.size,
      idle: this.#idle.length + this.#resting.length,
      waiting: this.#waiting.length,
      tunnels: this.#tunnels.size,
      repeats: this.#budget.made,
      repeatsRefused: this.#budget.refused,
    }
  }

  close(): Promise<void> {
    this.#closing = true
    this.#tunnels.close()
    for (const connection of [...this.#idle, ...this.#resting]) connection.destroy()
    if (this.#all.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#closed = resolve
    })
  }

  #dispatch(exchange: Exchange, reuse: boolean): void {
    if (exchange.request.webSocket !== undefined) {
      this.#openTunnel(exchange)
      return
    }
    const idle = reuse ? this.#takeIdle() : undefined
    if (idle !== undefined) idle.carry(exchange)
    else if (reuse && this.#resting.length > this.#waiting.length) this.#waiting.push(exchange)
    else if (this.#all.size < this.#options.maxConnections) this.#open(false).carry(exchange)
    else if (this.#waiting.length < this.#options.maxQueue) this.#waiting.push(exchange)
    else exchange.fail(overload('too many calls wait for a connection'))
  }

  #takeIdle(): Connection | undefined {
    for (;;) {
      const connection = this.#idle.pop()
      if (connection === undefined || connection.usable) return connection
      connection.destroy()
    }
  }

  #openTunnel(exchange: Exchange): void {
    // A handshake under way counts as a tunnel: a flood of them is bounded like tunnels are.
    if (!this.#tunnels.hasRoom) exchange.fail(overload('too many tunnels'))
    else {
      const connection = this.#open(true)
      this.#tunnels.add(connection.socket)
      connection.carry(exchange)
    }
  }

  #open(dedicated: boolean): Connection {
    const connection = new Connection(this.#options.dial, this, this.#options.keepAliveMs, dedicated)
    this.#all.add(connection)
    this.#timer ??= setInterval(this.#tick, TICK_MS).unref()
    return connection
  }

  /**
   * A free connection rests until this turn of the event loop is over. TLS records, and octets beyond a full
   * read buffer, come in calls of their own within the same turn: had the next exchange begun between two of
   * them, a second reply would be taken for its own. Octets that meet a resting connection end it.
   */
  free(connection: Connection): void {
    if (this.#closing || connection.dedicated) {
      connection.destroy()
      return
    }
    connection.idleSince = performance.now()
    if (this.#resting.push(connection) === 1) setImmediate(this.#wake)
  }

  readonly #wake = (): void => {
    const rested = this.#resting
    this.#resting = []
    for (const connection of rested) {
      if (!connection.usable || this.#closing) {
        connection.destroy()
        continue
      }
      const next = this.#nextWaiting()
      if (next === undefined) this.#idle.push(connection)
      else connection.carry(next)
    }
  }

  gone(connection: Connection): void {
    this.#forget(connection)
    if (this.#all.size >= this.#options.maxConnections) return
    const next = this.#nextWaiting()
    if (next !== undefined) this.#open(false).carry(next)
  }

  again(exchange: Exchange): boolean {
    const { idempotent, body } = exchange.request
    if (
      !idempotent ||
      this.#closing ||
      exchange.attempts > this.#options.retries ||
      exchange.phase === 'over'
    )
      return false
    if (body !== undefined && !(body instanceof Uint8Array)) return false
    if (!this.#budget.spend()) return false
    exchange.enter('connect', performance.now())
    this.#dispatch(exchange, false)
    return true
  }

  tunnel(connection: Connection, exchange: Exchange, rest: Buffer): void {
    const socket = connection.release()
    this.#forget(connection)
    const tunnel = new WebSocketTunnel(socket, rest, this.#options.frameLimits)
    exchange.settleTunnel({ socket: tunnel, head: new Uint8Array() })
  }

  #forget(connection: Connection): void {
    this.#all.delete(connection)
    const at = this.#idle.indexOf(connection)
    if (at !== -1) this.#idle.splice(at, 1)
    if (this.#all.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#closed?.()
  }

  #nextWaiting(): Exchange | undefined {
    for (;;) {
      const next = this.#waiting.shift()
      if (next === undefined || next.phase !== 'over') return next
    }
  }

  readonly #tick = (): void => {
    const now = performance.now()
    const waits = this.#options.waits
    for (const exchange of this.#waiting) exchange.inspect(now, waits)
    if (this.#waiting.some(isOver)) this.#waiting = this.#waiting.filter((exchange) => !isOver(exchange))
    for (const connection of this.#all) {
      const exchange = connection.exchange
      if (exchange !== undefined) exchange.inspect(now, waits)
      else if (now - connection.idleSince >= connection.keepAliveMs) connection.destroy()
    }
  }
}

function isOver(exchange: Exchange): boolean {
  return exchange.phase === 'over'
}

function overload(reason: string): ReturnType<typeof deny> {
  return deny('LIMIT_OVERLOAD', 'forward.upstream', reason, { fields: ['Retry-After', '1'] })
}
