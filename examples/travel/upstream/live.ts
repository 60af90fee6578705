import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/**
 * `GET /live`: a WebSocket (RFC 6455) that sends every short text frame back. Just enough of the protocol for the
 * example: no fragments, no payload above 125 bytes. OWASP API2:2023: nobody asks who opens it, or from which origin.
 */
export function serveLive(request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const key = request.headers['sec-websocket-key']
  if (new URL(request.url ?? '/', 'http://upstream').pathname !== '/live' || key === undefined) {
    socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n')
    return
  }
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
  )
  let waiting = head
  const take = (chunk: Buffer): void => {
    waiting = Buffer.concat([waiting, chunk])
    for (let frame = nextFrame(waiting); frame !== undefined; frame = nextFrame(waiting)) {
      waiting = waiting.subarray(frame.length)
      if (frame.opcode === 8) {
        socket.end(Buffer.from([0x88, 0]))
        return
      }
      socket.write(Buffer.concat([Buffer.from([0x80 | frame.opcode, frame.payload.length]), frame.payload]))
    }
  }
  socket.on('data', take)
  socket.on('error', () => socket.destroy())
  take(Buffer.alloc(0))
}

interface Frame {
  readonly opcode: number
  readonly payload: Buffer
  readonly length: number
}

function nextFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < 6) return undefined
  const size = (bytes[1] ?? 0) & 0x7f
  const length = 6 + size
  if (size > 125 || bytes.length < length) return undefined
  const mask = bytes.subarray(2, 6)
  const payload = Buffer.from(bytes.subarray(6, length))
  for (let i = 0; i < payload.length; i += 1) payload[i] = (payload[i] ?? 0) ^ (mask[i % 4] ?? 0)
  return { opcode: (bytes[0] ?? 0) & 0x0f, payload, length }
}
