import { createServer, type Server } from 'node:http'
import type { ConnectionCap } from './address-load.ts'
import { Connection, tagConnection } from './connection.ts'
import { http1Options, serveHttp1 } from './http1.ts'
import { type Listening, proxiesOf } from './listening.ts'
import { refuseConnection } from './refuse-connection.ts'

/** A plain HTTP/1.1 server; `name` is the address as configured. */
export function createPlainListener(listening: Listening, name: string, load: ConnectionCap): Server {
  const server = createServer(http1Options(listening))
  server.maxConnections = listening.limits.maxConnections
  // Before Node's own listener, so that no request comes from a socket without its connection.
  server.prependListener('connection', (socket) => {
    const connection = new Connection(socket, name, proxiesOf(listening))
    tagConnection(connection)
    if (!connection.trusted && !load.admit(connection.peer, socket)) refuseConnection(listening, connection)
  })
  serveHttp1(server, listening)
  return server
}
