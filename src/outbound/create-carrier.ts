import { createSocket, type Socket as Datagrams } from 'node:dgram'
import { lookup as resolve } from 'node:dns'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls, getCACertificates } from 'node:tls'
import { type AddressPolicyOptions, compileAddressPolicy } from './address-policy.ts'
import { guardedLookup, refusedAddress } from './guarded-lookup.ts'
import { OutboundError } from './outbound-error.ts'

/** Where messages are carried to. */
export interface CarrierTarget {
  readonly protocol: 'udp' | 'tcp' | 'tls'
  /** Name or address, without brackets. */
  readonly host: string
  readonly port: number
  /** PEM of authorities to trust beside the system's. */
  readonly authorities?: string
  /** PEM by which the gateway shows who it is. */
  readonly certificate?: string
  readonly key?: string
}

export interface CarrierOptions extends AddressPolicyOptions {
  /** For connecting, and for handing over one batch; default 5,000. */
  readonly timeoutMs?: number
}

/** Carries messages to a server that answers nothing. */
export interface Carrier {
  /**
   * Hands messages to the system: datagrams one by one, a stream all at once. Rejects with `OutboundError` where the
   * connection broke first. What a server that dies had not yet read is lost unseen: streams of this kind confirm nothing.
   */
  send(messages: readonly Uint8Array[]): Promise<void>
  close(): Promise<void>
}

/**
 * A carrier with the rules of everything that leaves: private and special addresses only where they are written down,
 * judged on the address that is connected to; certificates are verified, always.
 */
export function createCarrier(target: CarrierTarget, options: CarrierOptions = {}): Carrier {
  return target.protocol === 'udp'
    ? createDatagramCarrier(target, options)
    : createStreamCarrier(target, options)
}

function createStreamCarrier(target: CarrierTarget, options: CarrierOptions): Carrier {
  const { host, port } = target
  const timeoutMs = options.timeoutMs ?? 5_000
  const policy = compileAddressPolicy(options)
  let open: Promise<Socket> | undefined
  let closed = false

  function dial(): Promise<Socket> {
    return new Promise((done, failed) => {
      if (isIP(host) !== 0 && !policy.mayConnect(host, host, port)) return failed(refusedAddress())
      const lookup = guardedLookup(policy, host, port, resolve)
      const socket =
        target.protocol === 'tcp'
          ? connect({ host, port, lookup })
          : connectTls({
              host,
              port,
              lookup,
              minVersion: 'TLSv1.2',
              ...(isIP(host) === 0 && { servername: host }),
              ...(target.authorities !== undefined && {
                ca: [...getCACertificates('default'), target.authorities],
              }),
              ...(target.certificate !== undefined && { cert: target.certificate }),
              ...(target.key !== undefined && { key: target.key }),
            })
      const timer = setTimeout(() => socket.destroy(new Error('no connection in time')), timeoutMs)
      socket.once(target.protocol === 'tcp' ? 'connect' : 'secureConnect', () => {
        clearTimeout(timer)
        if (!policy.mayConnect(socket.remoteAddress ?? '', host, port)) {
          socket.destroy()
          failed(refusedAddress())
          return
        }
        socket.setNoDelay(true).setKeepAlive(true, 30_000)
        socket.unref()
        done(socket)
      })
      // Nothing is expected; a server that ends its side is gone.
      socket.on('data', () => undefined)
      socket.on('end', () => socket.destroy())
      socket.on('error', (error) => failed(unreachable(error)))
      socket.once('close', () => {
        clearTimeout(timer)
        open = undefined
        failed(unreachable())
      })
    })
  }

  return {
    async send(messages) {
      if (closed) throw new OutboundError('refused', 'the connection was closed')
      open ??= dial()
      const socket = await open.catch((error: unknown) => {
        open = undefined
        throw error
      })
      await new Promise<void>((done, failed) => {
        const broken = (): void => failed(unreachable())
        const timer = setTimeout(() => socket.destroy(), timeoutMs)
        socket.once('close', broken)
        socket.write(Buffer.concat(messages), (error) => {
          clearTimeout(timer)
          socket.off('close', broken)
          if (error === undefined || error === null) done()
          else failed(unreachable(error))
        })
      })
    },
    async close() {
      closed = true
      const socket = await open?.catch(() => undefined)
      if (socket === undefined || socket.destroyed) return
      await new Promise<void>((done) => {
        const timer = setTimeout(() => socket.destroy(), 1_000)
        socket.once('close', () => {
          clearTimeout(timer)
          done()
        })
        socket.end()
      })
    },
  }
}

/** How long an address of a name is used for datagrams. */
const resolvedMs = 60_000

function createDatagramCarrier({ host, port }: CarrierTarget, options: CarrierOptions): Carrier {
  const policy = compileAddressPolicy(options)
  const look = guardedLookup(policy, host, port, resolve)
  let socket: Datagrams | undefined
  let known: { readonly address: string; readonly family: number; readonly until: number } | undefined

  async function find(): Promise<{ readonly address: string; readonly family: number }> {
    const literal = isIP(host)
    if (literal !== 0) {
      if (!policy.mayConnect(host, host, port)) throw refusedAddress()
      return { address: host, family: literal }
    }
    if (known !== undefined && known.until > Date.now()) return known
    return new Promise((done, failed) => {
      look(host, {}, (error, address, family) => {
        if (error !== null || typeof address !== 'string')
          return failed(error instanceof OutboundError ? error : unreachable(error))
        const found = { address, family: family ?? isIP(address), until: Date.now() + resolvedMs }
        if (known?.address !== address) drop()
        known = found
        done(found)
      })
    })
  }

  function drop(): void {
    socket?.close()
    socket = undefined
  }

  return {
    async send(messages) {
      const { address, family } = await find()
      if (socket === undefined) {
        socket = createSocket(family === 6 ? 'udp6' : 'udp4')
        socket.unref()
        socket.on('error', drop)
      }
      const out = socket
      for (const message of messages)
        await new Promise<void>((done, failed) => {
          out.send(message, port, address, (error) => (error === null ? done() : failed(unreachable(error))))
        })
    },
    async close() {
      drop()
    },
  }
}

function unreachable(cause?: unknown): OutboundError {
  if (cause instanceof OutboundError) return cause
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'closed'
  return new OutboundError('unreachable', `no connection (${code})`, { cause })
}
