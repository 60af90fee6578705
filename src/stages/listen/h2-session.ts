import {
  constants,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Connection } from './connection.ts'
import { onGrpcStream } from './grpc-stream.ts'
import { onStream } from './h2-stream.ts'
import type { Listening } from './listening.ts'

/** Connections whose HTTP/2 session is open. */
export type Sessions = Set<ServerHttp2Session>

/**
 * Serves HTTP/2 on an accepted TLS connection (RFC 9113). nghttp2 checks frames, pseudo-fields and content-length;
 * this adds the bounds it leaves open: streams cancelled per second, and everything `onStream` judges.
 */
export function serveHttp2(listening: Listening, connection: Connection, sessions: Sessions): void {
  const { limits, decision } = listening
  const session = performServerHandshake(connection.socket, {
    maxHeaderListPairs: limits.headerCount + 5,
    maxSessionMemory: 2,
    maxSettings: 32,
    maxOutstandingPings: 10,
    settings: {
      maxConcurrentStreams: limits.maxStreams,
      maxHeaderListSize: limits.headerBytes + limits.targetBytes,
      enablePush: false,
      enableConnectProtocol: false,
    },
  })
  sessions.add(session)
  session.on('close', () => sessions.delete(session))
  session.on('error', ignore)
  session.on('frameError', () => session.destroy())
  session.setTimeout(limits.keepAliveMs, () => session.close())

  let over = false
  let windowStart = 0
  let resets = 0
  session.on('stream', (stream: ServerHttp2Stream, _headers, flags: number, lines?: readonly string[]) => {
    stream.on('error', ignore)
    stream.on('close', () => {
      // A stream that ends with an error code cost work and brought nothing (CVE-2023-44487, CVE-2025-8671).
      // A data plane cancels what took it too long: it is believed, and ending it would end all its calls.
      if (stream.rstCode === constants.NGHTTP2_NO_ERROR || decision !== undefined) return
      const now = Date.now()
      if (now - windowStart >= 1000) {
        windowStart = now
        resets = 0
      }
      resets += 1
      if (resets <= limits.maxResetsPerSecond || over || session.destroyed) return
      over = true
      session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM)
      // The GOAWAY leaves first.
      setTimeout(() => session.destroy(new Error('reset flood'), constants.NGHTTP2_ENHANCE_YOUR_CALM), 10)
    })
    if (over) {
      stream.close(constants.NGHTTP2_REFUSED_STREAM)
      return
    }
    if (listening.draining) session.close()
    if (decision === 'envoy-grpc') onGrpcStream(listening, connection, stream, lines ?? [])
    else onStream(listening, connection, stream, flags, lines ?? [])
  })
}

function ignore(): void {}
