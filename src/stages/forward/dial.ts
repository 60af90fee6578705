import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import type { UpstreamTls } from './forward-options.ts'

/** Where an upstream is, read once at start. */
export interface Origin {
  readonly secure: boolean
  /** Host name or address without brackets. */
  readonly host: string
  readonly port: number
  /** What `Host` says: the default port is left out. */
  readonly authority: string
  /** Path without a slash at its end; empty for the root. */
  readonly basePath: string
}

/** Reads an upstream URL. Throws `TypeError` with what to write instead. */
export function parseOrigin(text: string): Origin {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new TypeError('upstream: write an absolute http:// or https:// URL')
  if (url.username !== '' || url.password !== '')
    throw new TypeError('upstream: a URL must hold no credentials')
  if (url.search !== '' || url.hash !== '')
    throw new TypeError('upstream: a URL must have no query or fragment')
  const secure = url.protocol === 'https:'
  return {
    secure,
    host: url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname,
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    authority: url.host,
    basePath: url.pathname.replace(/\/+$/, ''),
  }
}

/** Opens a socket to the one origin it was made for. `read` takes octets without a stream between. */
export interface Dial {
  readonly readyEvent: 'connect' | 'secureConnect'
  open(read: OnReadOpts | undefined): Socket
}

const KEEP_ALIVE_PROBE_MS = 15_000

/**
 * Makes the dialler. TLS is 1.2 or later, verified against `ca` or the system's authorities and the name;
 * sessions are resumed. With `socketPath` it is a socket of this machine, whatever the origin says.
 */
export function createDial(origin: Origin, tls: UpstreamTls = {}, socketPath?: string): Dial {
  if (socketPath !== undefined)
    return {
      readyEvent: 'connect',
      open: (read) =>
        connectTcp(read === undefined ? { path: socketPath } : { path: socketPath, onread: read }),
    }
  const base = {
    host: origin.host,
    port: origin.port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS,
  }
  if (!origin.secure)
    return {
      readyEvent: 'connect',
      open: (read) => connectTcp(read === undefined ? base : { ...base, onread: read }),
    }
  const name = tls.servername ?? origin.host
  let session: Buffer | undefined
  const secure: ConnectionOptions = {
    ...base,
    rejectUnauthorized: tls.insecure !== true,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(tls.ca === undefined ? {} : { ca: typeof tls.ca === 'string' ? tls.ca : [...tls.ca] }),
  }
  return {
    readyEvent: 'secureConnect',
    open(read) {
      const socket = connectTls({
        ...secure,
        ...(session === undefined ? {} : { session }),
        ...(read === undefined ? {} : { onread: read }),
      })
      socket.on('session', (fresh) => {
        session = fresh
      })
      return socket
    },
  }
}
