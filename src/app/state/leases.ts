import { PassThrough, type Readable } from 'node:stream'
import type { Clock } from '../../kernel/clock.ts'
import type { Answered, Reply } from '../../kernel/facts.ts'
import type { Principal } from '../../kernel/principal.ts'
import { WebSocketTunnel } from '../../stages/forward/websocket-tunnel.ts'

/** Replies that go on for as long as the caller's credential is good: WebSockets and event streams (row P09). */
export interface Leases {
  /** The reply to send in the place of this one; every other reply comes back as it is. */
  hold(call: Answered, reply: Reply): Reply
  readonly size: number
}

export interface LeasesOptions {
  readonly clock: Clock
  /** Whether a credential that was good when the call came is good still. */
  readonly isGood: (principal: Principal) => boolean
  /** How often that is asked; 1,000 ms, so that a stream ends within two seconds of its token. */
  readonly everyMs?: number
}

interface Lease {
  readonly principal: Principal
  /** Seconds since the epoch. */
  readonly expires: number
  end(): void
}

/** One timer looks after all of them, while there are any. */
export function createLeases({ clock, isGood, everyMs = 1_000 }: LeasesOptions): Leases {
  const leases = new Set<Lease>()
  let timer: NodeJS.Timeout | undefined

  function look(): void {
    const now = clock.now() / 1000
    // A lease stays in the set until its stream is closed: one that does not end when it is told to is told again.
    for (const lease of leases) if (lease.expires <= now || !isGood(lease.principal)) lease.end()
  }

  function add(principal: Principal, stream: Readable, end: () => void): void {
    const lease = { principal, expires: expiryOf(principal), end }
    leases.add(lease)
    timer ??= setInterval(look, everyMs).unref()
    const remove = (): void => {
      leases.delete(lease)
      if (leases.size > 0) return
      clearInterval(timer)
      timer = undefined
    }
    if (stream.destroyed) remove()
    else stream.once('close', remove)
  }

  return {
    hold({ principal }, reply) {
      const { tunnel, body } = reply
      if (principal.kind === 'none') return reply
      if (tunnel !== undefined) {
        const { socket } = tunnel
        if (socket instanceof WebSocketTunnel) add(principal, socket, () => socket.expire())
        return reply
      }
      if (body === undefined || body instanceof Uint8Array || !isEventStream(reply)) return reply
      const { through, end } = endable(body)
      add(principal, through, end)
      return { ...reply, body: through }
    },
    get size() {
      return leases.size
    },
  }
}

/** The first of all credentials of the call to end. */
function expiryOf({ expires, beside = [] }: Principal): number {
  return Math.min(expires ?? Infinity, ...beside.map((one) => one.expires ?? Infinity))
}

/** Events stand for themselves: a stream of them can end between two, or a client drops the last half. */
function isEventStream({ fields }: Reply): boolean {
  for (let i = 0; i < fields.length; i += 2)
    if (fields[i]?.toLowerCase() === 'content-type')
      return /^text\/event-stream(?:;|$)/i.test(fields[i + 1] ?? '')
  return false
}

/** The stream, with an end that can be brought about: the caller sees a whole reply, the upstream a caller that left. */
function endable(body: Readable): { readonly through: PassThrough; readonly end: () => void } {
  const through = new PassThrough({ highWaterMark: 16_384 })
  let ended = false
  body.on('error', (error) => {
    if (!ended) through.destroy(error)
  })
  body.on('close', () => {
    if (!(ended || body.readableEnded)) through.destroy(new Error('the upstream broke the stream off'))
  })
  through.on('close', () => body.destroy())
  body.pipe(through)
  return {
    through,
    end() {
      // Told twice: who does not take the end is cut off.
      if (ended) return void through.destroy()
      ended = true
      body.unpipe(through)
      through.end()
      body.destroy()
    },
  }
}
