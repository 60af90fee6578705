import { constants, type ServerHttp2Stream } from 'node:http2'
import { pipeline } from 'node:stream'
import type { Reply } from '../../kernel/facts.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'
import type { Connection } from './connection.ts'
import type { Listening } from './listening.ts'
import { isRejected, readRequest, rejection } from './read-request.ts'
import { noBody, RequestBody } from './request-body.ts'

/** One HTTP/2 stream: read, judged by the door, answered. */
export function onStream(
  listening: Listening,
  connection: Connection,
  stream: ServerHttp2Stream,
  flags: number,
  lines: readonly string[],
): void {
  let method = ''
  let path = ''
  let scheme = ''
  let authority: string | undefined
  for (let i = 0; i < lines.length; i += 2) {
    const value = lines[i + 1] as string
    switch (lines[i]) {
      case ':method':
        method = value
        break
      case ':path':
        path = value
        break
      case ':scheme':
        scheme = value
        break
      case ':authority':
        authority = value
        break
      default:
    }
  }
  if (method === 'CONNECT') {
    const denial = deny('MATCH_METHOD', 'listen.method', 'CONNECT is never served')
    listening.door.reject(rejection(connection, denial, { protocol: '2', method }))
    stream.close(constants.NGHTTP2_REFUSED_STREAM)
    return
  }
  const gone = new AbortController()
  stream.once('close', () => {
    if (!stream.writableFinished || stream.rstCode !== constants.NGHTTP2_NO_ERROR) gone.abort()
  })
  const ended = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0
  const call = readRequest(
    {
      connection,
      protocol: '2',
      method,
      target: path,
      lines,
      authority,
      denial: refusePseudo(connection, path, scheme),
      signal: gone.signal,
      upgrade: undefined,
      body: (head) =>
        ended
          ? noBody
          : new RequestBody(stream, head.contentLength, listening.pace, {
              begin: head.expects ? () => stream.additionalHeaders({ ':status': 100 }) : undefined,
            }),
    },
    listening,
  )
  const finish = (reply: Reply): void => {
    if (stream.destroyed || stream.closed) {
      if (reply.body !== undefined && !(reply.body instanceof Uint8Array)) reply.body.destroy()
      return
    }
    try {
      writeStream(stream, method, reply)
    } catch (error) {
      if (stream.headersSent) {
        stream.close(constants.NGHTTP2_INTERNAL_ERROR)
        return
      }
      const denial = deny('GATEWAY_FAULT', 'listen.reply', 'a reply field cannot be written', {
        cause: error,
      })
      writeStream(stream, method, listening.door.reject(rejection(connection, denial, { protocol: '2' })))
    }
  }
  if (isRejected(call)) finish(listening.door.reject(call))
  else listening.door.enter(call).then(finish, () => stream.close(constants.NGHTTP2_INTERNAL_ERROR))
}

/** `:path` is in origin form, `:scheme` is the channel's (row H07). */
function refusePseudo(connection: Connection, path: string, scheme: string): Denial | undefined {
  if (scheme !== (connection.secure ? 'https' : 'http'))
    return deny('LISTEN_MALFORMED', 'listen.pseudo', ':scheme is not the scheme of the channel')
  if (!path.startsWith('/') && path !== '*')
    return deny('LISTEN_MALFORMED', 'listen.pseudo', ':path is not in origin form')
  return undefined
}

function writeStream(stream: ServerHttp2Stream, method: string, reply: Reply): void {
  const { status, body } = reply
  const lines: string[] = [':status', String(status), ...reply.fields]
  const bodiless = status === 204 || status === 304 || method === 'HEAD'
  if (body === undefined || body instanceof Uint8Array) {
    if (status !== 204 && status !== 304 && (body !== undefined || !bodiless))
      lines.push('content-length', String(body?.length ?? 0))
    const empty = bodiless || body === undefined || body.length === 0
    stream.respond(lines, { endStream: empty })
    if (!empty) stream.end(body)
    // The rest of an unread request is not wanted (RFC 9113 §8.1).
    if (!stream.readableEnded) stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR))
    return
  }
  stream.respond(lines, { endStream: bodiless })
  if (bodiless) return void body.destroy()
  pipeline(body, stream, (error) => {
    // Never a clean end for a body that broke off (row W25).
    if (error) stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  })
}
