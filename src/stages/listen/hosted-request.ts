import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { deny } from '../../kernel/verdict.ts'
import { BodyPace } from './body-pace.ts'
import { Connection, connectionOf, type Exchange, type SecureFacts, tagConnection } from './connection.ts'
import { defaultLimits, type Limits } from './options.ts'
import { isRejected, readRequest } from './read-request.ts'
import { noBody, RequestBody } from './request-body.ts'
import { compileTrustedProxies, type TrustedProxies } from './trusted-proxies.ts'

/** What reading requests of somebody else's `node:http` server needs. */
export interface Hosting {
  readonly limits: Limits
  readonly trusted: TrustedProxies
  readonly pace: BodyPace
}

export function createHosting(options: {
  readonly limits?: Partial<Limits>
  readonly trustedProxies?: readonly string[]
}): Hosting {
  const limits = { ...defaultLimits, ...options.limits }
  return {
    limits,
    trusted: compileTrustedProxies(options.trustedProxies ?? []),
    pace: new BodyPace(limits.bodyBytesPerSecond, limits.bodyGraceMs),
  }
}

/**
 * Reads a request that another HTTP/1.1 server of this process has parsed, as our own listeners would: head, target,
 * host, caller. The framework around it must not have read the body. What is not well-formed comes back refused in
 * `call`.
 */
export function readHosted(hosting: Hosting, request: IncomingMessage, response: ServerResponse): Exchange {
  const connection = connectionOf(request.socket) ?? connect(hosting, request.socket)
  let body: RequestBody | undefined
  const one = request.httpVersionMajor === 1
  const call = readRequest(
    {
      connection,
      protocol: one && request.httpVersionMinor === 0 ? '1.0' : '1.1',
      method: request.method ?? '',
      // A router that was mounted below a path has cut `url`.
      target: (request as { originalUrl?: string }).originalUrl ?? request.url ?? '',
      lines: request.rawHeaders,
      authority: undefined,
      denial: one ? undefined : deny('LISTEN_VERSION', 'listen.version', 'not HTTP/1.1'),
      signal: connection.signal,
      upgrade: undefined,
      body: (head) => {
        if (!head.chunked && (head.contentLength ?? 0) === 0) return noBody
        body = new RequestBody(request, head.contentLength, hosting.pace, {
          begin: head.expects ? () => response.writeContinue() : undefined,
        })
        return body
      },
    },
    { limits: hosting.limits, trusted: hosting.trusted, decision: undefined },
  )
  if (isRejected(call)) connection.closing = true
  return { connection, request, response, body, call }
}

function connect(hosting: Hosting, socket: Socket): Connection {
  const connection = new Connection(socket, 'in process', hosting.trusted, secureFacts(socket))
  tagConnection(connection)
  return connection
}

function secureFacts(socket: Socket): SecureFacts | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  return {
    serverName: typeof socket.servername === 'string' ? socket.servername.toLowerCase() : undefined,
    certificate: socket.authorized ? socket.getPeerX509Certificate()?.raw : undefined,
  }
}
