import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Reply } from '../../kernel/facts.ts'
import { Fault } from '../../kernel/fault.ts'
import { problemOf } from '../../kernel/problem.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'
import { createOverheadCheck } from './chunk-overhead.ts'
import { type Connection, connectionOf, type Exchange } from './connection.ts'
import { isWebSocket } from './handshake.ts'
import type { Head } from './head.ts'
import { onHandshake } from './http1-handshake.ts'
import { writeReply } from './http1-reply.ts'
import { LeanMessage } from './lean-message.ts'
import type { Listening } from './listening.ts'
import { denialOfParse, type ParseError } from './parse-failure.ts'
import { endRaw } from './raw-reply.ts'
import { isRejected, readRequest, rejection } from './read-request.ts'
import { noBody, RequestBody } from './request-body.ts'
import { isLooseRequestLine, readBuffer } from './request-line.ts'

/** Pipelined requests that may wait on one connection. */
const maxWaiting = 64

/** Options that make `node:http` strict and leave to it only what it does as we need it. */
export function http1Options({ limits }: Listening): ServerOptions<typeof LeanMessage> {
  return {
    IncomingMessage: LeanMessage,
    insecureHTTPParser: false,
    // The parser counts target and fields together; `parseHead` counts the fields exactly.
    maxHeaderSize: limits.headerBytes + limits.targetBytes,
    requireHostHeader: false,
    joinDuplicateHeaders: false,
    optimizeEmptyRequests: true,
    headersTimeout: limits.headTimeoutMs,
    // Node wants the whole to be no shorter than its part.
    requestTimeout:
      limits.requestTimeoutMs === 0 ? 0 : Math.max(limits.requestTimeoutMs, limits.headTimeoutMs),
    connectionsCheckingInterval: Math.max(100, Math.min(1000, Math.floor(limits.headTimeoutMs / 5))),
    keepAliveTimeout: limits.keepAliveMs,
    noDelay: true,
    shouldUpgradeCallback: isWebSocket,
  }
}

/** Serves HTTP/1.1 on a server made with `http1Options`; every accepted socket carries a `Connection`. */
export function serveHttp1(server: Server, listening: Listening): void {
  // Zero means all: Node would drop the fields above its own limit and say nothing.
  server.maxHeadersCount = 0
  server.on('request', (request, response) => onRequest(listening, request, response))
  const handshake = (request: IncomingMessage, socket: Duplex, head: Buffer): void =>
    onHandshake(listening, request, socket, head)
  server.on('upgrade', handshake)
  server.on('connect', handshake)
  server.on('clientError', (error: ParseError, socket) =>
    onClientError(listening, error, socket as unknown as Socket),
  )
}

function onRequest(listening: Listening, request: IncomingMessage, response: ServerResponse): void {
  const connection = connectionOf(request.socket)
  if (connection === undefined || connection.closing) return
  const first = connection.current === undefined
  const bytes = readBuffer(request)
  let body: RequestBody | undefined
  const call = readRequest(
    {
      connection,
      protocol: request.httpVersionMinor === 0 ? '1.0' : '1.1',
      method: request.method ?? '',
      target: request.url ?? '',
      lines: request.rawHeaders,
      authority: undefined,
      denial: refuseLine(request, bytes, first),
      signal: connection.signal,
      upgrade: undefined,
      body: (head) => {
        // After an upgrade that is not followed Node drops what it read ahead: nothing more is read here.
        if (head.upgrade !== undefined) connection.closing = true
        body = createBody(listening, request, response, head, first ? bytes : undefined)
        return body ?? noBody
      },
    },
    listening,
  )
  const exchange: Exchange = { connection, request, response, body, call }
  // What follows a malformed request on the connection is not read.
  if (isRejected(call) && problemOf(call.denial.code).close === true) connection.closing = true
  if (first) run(listening, exchange)
  else if (connection.waiting === undefined) connection.waiting = [exchange]
  else if (connection.waiting.length < maxWaiting) connection.waiting.push(exchange)
  else request.socket.destroy()
}

function refuseLine(request: IncomingMessage, bytes: Buffer | undefined, first: boolean): Denial | undefined {
  const { httpVersion } = request
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    return deny('LISTEN_VERSION', 'listen.version', 'neither HTTP/1.1 nor HTTP/1.0')
  if (isLooseRequestLine(request, bytes, first))
    return deny('LISTEN_MALFORMED', 'listen.line', 'request line is not method, target, version')
  return undefined
}

function createBody(
  listening: Listening,
  request: IncomingMessage,
  response: ServerResponse,
  head: Head,
  bytes: Buffer | undefined,
): RequestBody | undefined {
  if (!head.chunked && (head.contentLength ?? 0) === 0) return undefined
  return new RequestBody(request, head.contentLength, listening.pace, {
    begin: head.expects ? () => response.writeContinue() : undefined,
    sound: head.chunked ? createOverheadCheck(request, bytes) : undefined,
  })
}

function run(listening: Listening, exchange: Exchange): void {
  const { connection, call } = exchange
  connection.current = exchange
  if (isRejected(call)) finish(listening, exchange, listening.door.reject(call))
  else
    listening.door.enter(call).then(
      (reply) => finish(listening, exchange, reply),
      // The door never rejects; should it, no byte leaves.
      () => connection.socket.destroy(),
    )
}

function finish(listening: Listening, exchange: Exchange, reply: Reply): void {
  const { connection, response } = exchange
  const done = (): void => next(listening, connection)
  if (connection.socket.destroyed) {
    if (reply.body !== undefined && !(reply.body instanceof Uint8Array)) reply.body.destroy()
    done()
    return
  }
  try {
    writeReply(exchange, reply, listening.draining, done)
  } catch (error) {
    if (response.headersSent) return void connection.socket.destroy()
    const denial = deny('GATEWAY_FAULT', 'listen.reply', 'a reply field cannot be written', { cause: error })
    connection.closing = true
    writeReply(exchange, listening.door.reject(rejection(connection, denial)), true, done)
  }
}

/** Lets the next pipelined request in, once the one before it has its reply. */
function next(listening: Listening, connection: Connection): void {
  connection.current = undefined
  const exchange = connection.waiting?.shift()
  if (exchange !== undefined) run(listening, exchange)
}

function onClientError(listening: Listening, error: ParseError, socket: Socket): void {
  const connection = connectionOf(socket)
  if (connection === undefined || error.code === 'ECONNRESET' || !socket.writable || socket.destroyed)
    return void socket.destroy()
  const denial = denialOfParse(error, listening.limits.targetBytes)
  const { current } = connection
  if (current === undefined) {
    // The parser speaks again for every read that follows the first error.
    if (connection.closing) return
    connection.closing = true
    if (denial.code === 'LISTEN_TIMEOUT' && socket.bytesRead === 0) return void socket.destroy()
    endRaw(socket, listening.door.reject(rejection(connection, denial)))
    return
  }
  const known = connection.closing
  connection.closing = true
  // Requests that came whole before the error still get their replies; the last of them closes.
  const last = connection.waiting?.at(-1) ?? current
  if (!last.request.complete) {
    if (last.response.headersSent) socket.destroy()
    else last.body?.fail(new Fault(denial.code, denial.check, denial.reason))
  } else if (!known) {
    listening.door.reject(rejection(connection, denial))
    if (last.response.headersSent) last.response.once('finish', () => socket.destroySoon())
  }
}
