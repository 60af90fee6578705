import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Reply, Upgrade } from '../../kernel/facts.ts'
import { deny } from '../../kernel/verdict.ts'
import { connectionOf } from './connection.ts'
import { refuseHandshake } from './handshake.ts'
import type { Listening } from './listening.ts'
import { endRaw, serialiseHead } from './raw-reply.ts'
import { isRejected, readRequest } from './read-request.ts'
import { noBody } from './request-body.ts'
import { joinTunnel } from './tunnel.ts'

/** A WebSocket handshake, or CONNECT, which is refused: the door answers on the raw socket. */
export function onHandshake(
  listening: Listening,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  socket.on('error', ignore)
  const connection = connectionOf(request.socket)
  if (connection === undefined || connection.closing || connection.current !== undefined)
    return void socket.destroy()
  connection.closing = true
  request.socket.setTimeout(0)
  const upgrade: Upgrade = { socket, head }
  const call = readRequest(
    {
      connection,
      protocol: '1.1',
      method: request.method ?? '',
      target: request.url ?? '',
      lines: request.rawHeaders,
      authority: undefined,
      denial:
        request.httpVersion === '1.1'
          ? request.method === 'CONNECT'
            ? undefined
            : refuseHandshake(request)
          : deny('LISTEN_VERSION', 'listen.version', 'not HTTP/1.1'),
      signal: connection.signal,
      upgrade,
      body: () => noBody,
    },
    listening,
  )
  if (isRejected(call)) endRaw(socket, listening.door.reject(call))
  else
    listening.door.enter(call).then(
      (reply) => answer(listening, upgrade, reply),
      () => socket.destroy(),
    )
}

function answer(listening: Listening, client: Upgrade, reply: Reply): void {
  const { socket } = client
  const { tunnel } = reply
  if (tunnel === undefined || reply.status !== 101) {
    tunnel?.socket.destroy()
    endRaw(socket, reply)
    return
  }
  if (socket.destroyed) return void tunnel.socket.destroy()
  const fields = reply.fields.filter((_, i) => !isHop(reply.fields[i & ~1] as string))
  socket.write(serialiseHead(101, [...fields, 'Connection', 'Upgrade', 'Upgrade', 'websocket']), 'latin1')
  listening.tunnels.add(socket)
  socket.once('close', () => listening.tunnels.delete(socket))
  joinTunnel(client, tunnel)
}

function isHop(name: string): boolean {
  return /^(?:connection|upgrade|content-length|transfer-encoding)$/i.test(name)
}

function ignore(): void {}
