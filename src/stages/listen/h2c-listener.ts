import { createServer, type Server } from 'node:http'
import { Connection, tagConnection } from './connection.ts'
import { type Sessions, serveHttp2 } from './h2-session.ts'
import { type Listening, proxiesOf } from './listening.ts'

/** HTTP/2 without TLS, by prior knowledge (RFC 9113 §3.3): what data planes speak gRPC over, on loopback. */
export function createH2cListener(listening: Listening, name: string, sessions: Sessions): Server {
  const server = createServer()
  server.maxConnections = listening.limits.maxConnections
  // No byte of it is read as HTTP/1.
  server.removeAllListeners('connection')
  server.on('connection', (socket) => {
    socket.setNoDelay(true)
    const connection = new Connection(socket, name, proxiesOf(listening))
    tagConnection(connection)
    serveHttp2(listening, connection, sessions)
  })
  return server
}
