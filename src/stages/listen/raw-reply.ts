import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Reply } from '../../kernel/facts.ts'

const unsafe = /[^\t\x20-\x7e\x80-\xff]/g
const name = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** The head of a reply for a socket that has no `ServerResponse`. A control character never gets in (row E05). */
export function serialiseHead(status: number, fields: readonly string[]): string {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`
  for (let i = 0; i < fields.length; i += 2) {
    const field = fields[i] as string
    if (name.test(field)) head += `${field}: ${(fields[i + 1] as string).replaceAll(unsafe, '')}\r\n`
  }
  return `${head}\r\n`
}

/** Writes a whole reply to a raw socket and closes it. */
export function endRaw(socket: Duplex, reply: Reply): void {
  const { body, status } = reply
  const fields = [...reply.fields, 'Date', new Date().toUTCString(), 'Connection', 'close']
  if (body === undefined || body instanceof Uint8Array) {
    if (status !== 204 && status !== 304) fields.push('Content-Length', String(body?.length ?? 0))
    socket.write(serialiseHead(status, fields), 'latin1')
    if (body !== undefined) socket.write(body)
  } else {
    socket.write(serialiseHead(status, fields), 'latin1')
    body.on('error', () => socket.destroy()).on('data', (chunk) => socket.write(chunk))
    body.on('end', () => linger(socket))
    socket.on('close', () => body.destroy())
    return
  }
  linger(socket)
}

/**
 * Closes a socket so that the last reply arrives: bytes that are still coming are read and thrown away for a
 * moment, because closing over unread bytes makes the kernel reset the connection (RFC 9112 §9.6).
 */
export function linger(socket: Duplex): void {
  socket.end()
  socket.resume()
  const timer = setTimeout(() => socket.destroy(), 500)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
}
