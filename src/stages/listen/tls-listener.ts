import { createServer, type Server } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { deny } from '../../kernel/verdict.ts'
import type { ConnectionCap } from './address-load.ts'
import { Connection, connectionOf, tagConnection } from './connection.ts'
import { type Sessions, serveHttp2 } from './h2-session.ts'
import { http1Options, serveHttp1 } from './http1.ts'
import { type Listening, proxiesOf } from './listening.ts'
import { endRaw } from './raw-reply.ts'
import { rejection } from './read-request.ts'
import { refuseConnection } from './refuse-connection.ts'
import type { TlsContext } from './tls-context.ts'

/** A TLS server for HTTP/2 and HTTP/1.1 by ALPN; `name` is the address as configured. */
export function createTlsListener(
  listening: Listening,
  name: string,
  context: TlsContext,
  load: ConnectionCap,
  sessions: Sessions,
): Server {
  const server = createServer({
    ...http1Options(listening),
    ...context.options,
    ALPNProtocols: listening.decision === 'envoy-grpc' ? ['h2'] : ['h2', 'http/1.1'],
    handshakeTimeout: listening.limits.headTimeoutMs,
    requestCert: context.asksClient,
    // A caller without a certificate may be welcome on some operations; one that does not verify never is.
    rejectUnauthorized: false,
  })
  server.maxConnections = listening.limits.maxConnections
  server.prependListener('connection', (socket: Socket) => {
    const connection = new Connection(socket, name, proxiesOf(listening))
    tagConnection(connection)
    if (!connection.trusted && !load.admit(connection.peer, socket)) refuseConnection(listening, connection)
  })

  const [serveHttp] = server.listeners('secureConnection')
  server.removeAllListeners('secureConnection')
  server.on('secureConnection', (socket) => {
    let certificate: Uint8Array | undefined
    if (context.asksClient) {
      const presented = socket.getPeerX509Certificate()
      if (presented !== undefined && !socket.authorized)
        return refuseTls(listening, socket, name, `client certificate: ${codeOf(socket.authorizationError)}`)
      if (presented === undefined && listening.decision !== undefined)
        return refuseTls(listening, socket, name, 'the data plane shows no certificate')
      // A data plane's own certificate says nothing of the caller it asks about.
      certificate = listening.decision === undefined ? presented?.raw : undefined
    }
    const serverName = typeof socket.servername === 'string' ? socket.servername.toLowerCase() : undefined
    const connection = new Connection(socket, name, proxiesOf(listening), { serverName, certificate })
    tagConnection(connection)
    if (socket.alpnProtocol === 'h2') serveHttp2(listening, connection, sessions)
    else if (listening.decision === 'envoy-grpc') refuseTls(listening, socket, name, 'gRPC needs HTTP/2')
    else serveHttp?.call(server, socket)
  })
  serveHttp1(server, listening)

  server.removeAllListeners('tlsClientError')
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    if (error.code === 'ERR_SSL_HTTP_REQUEST' && answerPlain(listening, socket)) return
    refuseTls(listening, socket, name, codeOf(error))
  })
  return server
}

/** Puts a failed handshake on record (row L03) and ends the connection. */
function refuseTls(listening: Listening, socket: TLSSocket, name: string, reason: string): void {
  const raw = rawOf(socket)
  const connection = (raw && connectionOf(raw)) ?? new Connection(socket, name, proxiesOf(listening))
  socket.destroy()
  if (connection.closing) return
  connection.closing = true
  listening.door.reject(rejection(connection, deny('LISTEN_MALFORMED', 'listen.tls', `TLS: ${reason}`)))
}

/** Plain HTTP on a TLS port gets a plain 403: the caller can read no other answer. */
function answerPlain(listening: Listening, socket: TLSSocket): boolean {
  const raw = rawOf(socket)
  const connection = raw && connectionOf(raw)
  if (raw === undefined || connection === undefined || raw.destroyed || !raw.writable) return false
  if (connection.closing) return true
  connection.closing = true
  const denial = deny('LISTEN_TLS_REQUIRED', 'listen.tls', 'plain HTTP where TLS is required')
  endRaw(raw, listening.door.reject(rejection(connection, denial)))
  return true
}

/** The TCP socket below a TLS socket. */
function rawOf(socket: TLSSocket): Socket | undefined {
  return (socket as TLSSocket & { _parent?: Socket })._parent
}

function codeOf(error: unknown): string {
  if (typeof error === 'string') return error
  return error instanceof Error && 'code' in error ? String(error.code) : 'handshake failed'
}
