import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Arrival, Authority, Outcome } from '../../authority/create-authority.ts'

/**
 * The authorization server on a private socket of this machine. Who sends a request is not told in it: it bears a ticket
 * of one use, drawn by this process, and what the listener saw is kept here under that ticket.
 */
export interface AuthoritySocket {
  readonly path: string
  /** Draws a ticket for a request that is about to be sent as its `X-Request-Id`. */
  admit(arrival: Arrival): string
  /** What became of the request; the ticket is void then. Undefined where it was never answered. */
  conclude(ticket: string): Outcome | undefined
  close(): Promise<void>
}

interface Guest {
  readonly arrival: Arrival
  entered: boolean
  outcome: Outcome | undefined
}

/** Bytes of a path that every system takes for a socket. */
const longestPath = 100

export async function openAuthoritySocket(authority: Authority, state: string): Promise<AuthoritySocket> {
  const guests = new Map<string, Guest>()
  const server = createServer({ maxHeaderSize: 32_768, keepAliveTimeout: 15_000 }, (request, response) => {
    void answer(request, response)
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const ticket = request.headers['x-request-id']
    const guest = typeof ticket === 'string' ? guests.get(ticket) : undefined
    if (guest === undefined || guest.entered) {
      response.writeHead(403).end()
      return
    }
    guest.entered = true
    request.headers['x-request-id'] = guest.arrival.requestId
    guest.outcome = await authority.handle(request, response, guest.arrival)
  }

  const { path, remove } = placeFor(state)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ path }, resolve)
  })
  server.unref()

  return {
    path,
    admit(arrival) {
      const ticket = randomBytes(16).toString('hex')
      guests.set(ticket, { arrival, entered: false, outcome: undefined })
      return ticket
    },
    conclude(ticket) {
      const guest = guests.get(ticket)
      guests.delete(ticket)
      return guest?.outcome
    },
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      remove()
    },
  }
}

/** A folder that nobody else may enter: the state folder, or one of its own where that path is too long. */
function placeFor(state: string): { readonly path: string; readonly remove: () => void } {
  const name = `authority-${process.pid}-${randomBytes(4).toString('hex')}.sock`
  if (process.platform === 'win32') return { path: `\\\\.\\pipe\\sallyport-${name}`, remove: () => {} }
  const path = join(state, name)
  if (Buffer.byteLength(path) <= longestPath) {
    mkdirSync(state, { recursive: true, mode: 0o700 })
    return { path, remove: () => rmSync(path, { force: true }) }
  }
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-'))
  return {
    path: join(folder, 'authority.sock'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
