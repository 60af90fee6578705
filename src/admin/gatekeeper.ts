import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isLoopback } from './loopback.ts'
import type { AdminProblemCode } from './problem.ts'

export interface GatekeeperOptions {
  /** Bearer token that every route but the open ones then needs. */
  readonly token: string | undefined
  /** Names beside `localhost` and loopback addresses by which browsers may ask. */
  readonly hosts: readonly string[]
}

/** Decides who may ask at all, before anything of the request is looked up. */
export interface Gatekeeper {
  /** The refusal of a request, whatever it asks for. */
  refuse(request: IncomingMessage): AdminProblemCode | undefined
  /** False where a route that is not open must be refused with 401. */
  knows(request: IncomingMessage): boolean
}

export function createGatekeeper(options: GatekeeperOptions): Gatekeeper {
  const hosts = new Set(['localhost', ...options.hosts.map((name) => name.toLowerCase())])
  const expected = options.token === undefined ? undefined : digest(options.token)

  function isOurs(authority: string | undefined): boolean {
    const name = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+))(?::\d{1,5})?$/i.exec(authority ?? '')
    const host = (name?.[1] ?? name?.[2] ?? '').toLowerCase()
    return hosts.has(host) || isLoopback(host)
  }

  return {
    refuse(request) {
      // A page elsewhere whose name is made to resolve to this machine sends its own name (DNS rebinding).
      if (!isOurs(request.headers.host)) return 'ADMIN_HOST'
      if (request.method === 'GET' || request.method === 'HEAD') return undefined
      const { origin } = request.headers
      const site = request.headers['sec-fetch-site']
      if (origin !== undefined && !isSame(origin, request.headers.host)) return 'ADMIN_ORIGIN'
      if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'ADMIN_ORIGIN'
      return undefined
    },
    knows(request) {
      if (expected === undefined) return isLoopback(request.socket.remoteAddress)
      const presented = /^bearer +([\x21-\x7e]{1,4096})$/i.exec(request.headers.authorization ?? '')?.[1]
      return presented !== undefined && timingSafeEqual(digest(presented), expected)
    },
  }
}

/** Digests have one length: the comparison tells nothing about the token's. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

function isSame(origin: string, host: string | undefined): boolean {
  return origin === `http://${host}` || origin === `https://${host}`
}
