import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { AdminRole } from './contract.ts'
import type { Cookies } from './cookie.ts'
import { isLoopback } from './loopback.ts'
import type { AdminProblemCode } from './problem.ts'
import type { AdminSessions } from './sessions.ts'
import type { Identity, Visitor } from './visitor.ts'

export interface GatekeeperOptions {
  /** Bearer token of an administrator; loopback alone is nobody then. */
  readonly token: string | undefined
  /** Role of who comes from this machine and shows nothing. */
  readonly loopback: AdminRole | 'none'
  /** Names beside `localhost` and loopback addresses by which browsers may ask. */
  readonly hosts: readonly string[]
  readonly sessions: AdminSessions
  readonly cookies: Cookies
  /** Verifies other bearer tokens. */
  readonly bearer: ((token: string) => Promise<Identity | undefined>) | undefined
}

/** Decides who may ask at all, before anything of the request is looked up. */
export interface Gatekeeper {
  /** The refusal of a request, whatever it asks for. */
  refuse(request: IncomingMessage): AdminProblemCode | undefined
  /** Who asks; undefined where that is nobody who may be here. `uses`: see `AdminSessions.find`. */
  visitor(request: IncomingMessage, uses?: boolean): Promise<Visitor | undefined>
  /** Whether a change may come from a page: it must show what no other site can read. */
  isFromPage(request: IncomingMessage, visitor: Visitor): boolean
  /** Who presents the configured token or one of the issuer, to get a session for it. */
  identify(token: string): Promise<Identity | undefined>
  /** Whether any token opens anything here. */
  readonly takesTokens: boolean
}

export function createGatekeeper(options: GatekeeperOptions): Gatekeeper {
  const hosts = new Set(['localhost', ...options.hosts.map((name) => name.toLowerCase())])
  const expected = options.token === undefined ? undefined : digest(options.token)
  // Readable from the same origin alone, and other origins cannot pass for it: their Host is refused.
  const ambient = randomBytes(24).toString('base64url')

  function isOurs(authority: string | undefined): boolean {
    const name = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+))(?::\d{1,5})?$/i.exec(authority ?? '')
    const host = (name?.[1] ?? name?.[2] ?? '').toLowerCase()
    return hosts.has(host) || isLoopback(host)
  }

  async function identify(token: string): Promise<Identity | undefined> {
    if (expected !== undefined && timingSafeEqual(digest(token), expected))
      return { name: 'token', issuer: '', sub: 'token', role: 'administrator', via: 'token' }
    return options.bearer?.(token)
  }

  return {
    refuse(request) {
      // A page elsewhere whose name is made to resolve to this machine sends its own name (DNS rebinding).
      if (!isOurs(request.headers.host)) return 'ADMIN_HOST'
      const { origin } = request.headers
      const site = request.headers['sec-fetch-site']
      const foreign = site !== undefined && site !== 'same-origin' && site !== 'none'
      if (request.method === 'GET' || request.method === 'HEAD')
        // A link may lead here; a page elsewhere may not load anything.
        return foreign && request.headers['sec-fetch-mode'] !== 'navigate' ? 'ADMIN_ORIGIN' : undefined
      return foreign || (origin !== undefined && !isSame(origin, request.headers.host))
        ? 'ADMIN_ORIGIN'
        : undefined
    },
    async visitor(request, uses = true) {
      const address = request.socket.remoteAddress ?? ''
      const { authorization } = request.headers
      if (authorization !== undefined) {
        // Whoever shows a token means it: a wrong one is not made good by a cookie.
        const presented = /^bearer +([\x21-\x7e]{1,8192})$/i.exec(authorization)?.[1]
        const known = presented === undefined ? undefined : await identify(presented)
        if (known?.role === undefined) return undefined
        return { ...known, role: known.role, csrf: undefined, expires: undefined, address }
      }
      const cookie = options.cookies.read(request, 'session')
      const session = cookie === undefined ? undefined : await options.sessions.find(cookie, address, uses)
      if (session !== undefined) return session
      if (options.loopback === 'none' || !isLoopback(address) || isPassedOn(request)) return undefined
      return {
        name: 'loopback',
        issuer: '',
        sub: 'loopback',
        role: options.loopback,
        via: 'loopback',
        csrf: ambient,
        expires: undefined,
        address,
      }
    },
    isFromPage(request, { csrf }) {
      if (csrf === undefined) return true
      const shown = request.headers['x-csrf']
      return typeof shown === 'string' && timingSafeEqual(digest(shown), digest(csrf))
    },
    identify,
    takesTokens: expected !== undefined || options.bearer !== undefined,
  }
}

/** A proxy on this machine speaks for others, who are not on it. */
function isPassedOn({ headers }: IncomingMessage): boolean {
  return ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => headers[name] !== undefined)
}

/** Digests have one length: the comparison tells nothing about the token's. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

function isSame(origin: string, host: string | undefined): boolean {
  return origin === `http://${host}` || origin === `https://${host}`
}
