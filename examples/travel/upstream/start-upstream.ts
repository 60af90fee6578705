import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { Route } from './call.ts'
import { readCaller } from './caller.ts'
import { openDatabase } from './database.ts'
import { serveLive } from './live.ts'
import { accountRoutes } from './routes/accounts.ts'
import { adminRoutes } from './routes/admin.ts'
import { bookingRoutes } from './routes/bookings.ts'
import { contentRoutes } from './routes/content.ts'
import { fileRoutes } from './routes/files.ts'
import { serviceRoutes } from './routes/services.ts'
import { userRoutes } from './routes/users.ts'

export interface UpstreamOptions {
  /** 0 lets the kernel choose. */
  readonly port?: number
  /** SQLite file; `:memory:` by default. */
  readonly database?: string
}

export interface Upstream {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** Requests that arrived so far. */
  readonly served: () => number
  readonly close: () => Promise<void>
}

/**
 * Starts the travel API **without any protection**, on loopback only. Every weakness carries the id of the OWASP API
 * Security Top 10 2023 that it stands for. Never put it anywhere else.
 */
export async function startUpstream(options: UpstreamOptions = {}): Promise<Upstream> {
  const database = openDatabase(options.database ?? ':memory:')
  const folder = mkdtempSync(join(tmpdir(), 'travel-'))
  const sockets = new Set<Socket>()
  let served = 0
  const server = createServer((request, response) => {
    served += 1
    void answer(request, response, database, folder)
  })
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    served += 1
    serveLive(request, socket, head)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    served: () => served,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
      database.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const routes: readonly Route[] = [
  ...accountRoutes,
  ...userRoutes,
  ...bookingRoutes,
  ...contentRoutes,
  ...adminRoutes,
  ...serviceRoutes,
  ...fileRoutes,
]

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  database: DatabaseSync,
  folder: string,
): Promise<void> {
  // OWASP API8:2023: banners that tell an attacker what to look up, and any origin is welcome.
  response.setHeader('Server', 'TravelServer/1.4.2 (Node)')
  response.setHeader('X-Powered-By', 'Express 3.0.0')
  response.setHeader('Access-Control-Allow-Origin', '*')
  try {
    // OWASP API8:2023: `URL` resolves dots and the route is matched on the decoded path, so `..%2f` walks.
    const url = new URL(request.url ?? '/', 'http://upstream')
    const path = new URL(decodeURIComponent(url.pathname), 'http://upstream').pathname
    for (const [method, pattern, handler] of routes) {
      const match = method === request.method ? pattern.exec(path) : null
      if (match === null) continue
      const params = match.slice(1).map(decodeURIComponent)
      await handler({
        request,
        response,
        database,
        folder,
        params,
        query: url.searchParams,
        sub: readCaller(request),
      })
      return
    }
    response.writeHead(404, { 'content-type': 'text/plain' }).end(`Cannot ${request.method} ${request.url}`)
  } catch (error) {
    // OWASP API8:2023: the stack trace goes to the caller.
    if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' })
    response.end(error instanceof Error ? `${error.stack}` : String(error))
  }
}
