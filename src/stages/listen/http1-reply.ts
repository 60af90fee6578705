import { pipeline } from 'node:stream'
import type { Reply } from '../../kernel/facts.ts'
import type { Exchange } from './connection.ts'
import { linger } from './raw-reply.ts'

/** Unread body bytes that are read and thrown away to keep a connection; above it the connection closes. */
const drainBytes = 64 * 1024

/** Bodies up to this size are joined with the head. */
const joinedBody = 16 * 1024

/**
 * Writes a reply on HTTP/1 with one framing field and our own version (rows W27, W28). `done` is called when the
 * next reply of the connection may be written. Throws where a field cannot be written; nothing is sent then.
 */
export function writeReply(exchange: Exchange, reply: Reply, draining: boolean, done: () => void): void {
  const { connection, request, response } = exchange
  const { status, body } = reply
  const fields = reply.fields.slice()
  const last = connection.closing && (connection.waiting?.length ?? 0) === 0
  const close = reply.close === true || draining || last || (!request.complete && !mayDrain(exchange))
  if (close) {
    connection.closing = true
    connection.waiting = undefined
    fields.push('Connection', 'close')
    if (!request.complete) connection.socket.destroySoon = () => linger(connection.socket)
  }
  const bodiless = status === 204 || status === 304 || request.method === 'HEAD'
  if (body === undefined || body instanceof Uint8Array) {
    if (status !== 204 && status !== 304 && (body !== undefined || !bodiless))
      fields.push('Content-Length', String(body?.length ?? 0))
    response.writeHead(status, fields)
    if (bodiless || body === undefined) response.end()
    // Latin-1 maps octets to characters one to one: head and body leave in one write instead of a gathered one.
    else if (body.length <= joinedBody) response.end(latin1(body), 'latin1')
    else response.end(body)
    done()
    return
  }
  response.writeHead(status, fields)
  if (bodiless) {
    body.destroy()
    response.end()
    done()
    return
  }
  response.flushHeaders()
  // A body that breaks off destroys the response and with it the connection: the caller must not take it for
  // whole (row W25). A caller that leaves destroys the body.
  pipeline(body, response, (error) => {
    if (error) connection.closing = true
    done()
  })
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/** The rest of an unread request body is small and will come without being asked for (row W19). */
function mayDrain({ body, response }: Exchange): boolean {
  if (body === undefined) return true
  const { declared, received } = body
  return (
    declared !== undefined &&
    declared - received <= drainBytes &&
    !body.awaitsContinue &&
    response.shouldKeepAlive
  )
}
