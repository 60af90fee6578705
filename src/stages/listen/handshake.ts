import type { IncomingMessage } from 'node:http'
import { type Denial, deny } from '../../kernel/verdict.ts'

/** 16 bytes in base64 (RFC 6455 §4.1). */
const key = /^[A-Za-z0-9+/]{21}[AQgw]==$/

/**
 * True where the request asks for the WebSocket protocol and nothing else. Every other upgrade (`h2c` above all,
 * row H01) is served as the plain request it also is.
 */
export function isWebSocket(request: IncomingMessage): boolean {
  const lines = request.rawHeaders
  let upgrades = 0
  for (let i = 0; i < lines.length; i += 2) {
    const name = (lines[i] as string).toLowerCase()
    if (name === 'upgrade') {
      if ((lines[i + 1] as string).toLowerCase() !== 'websocket') return false
      upgrades += 1
    }
  }
  return upgrades === 1
}

/** Undefined for a well-formed WebSocket handshake (RFC 6455 §4.2.1). */
export function refuseHandshake(request: IncomingMessage): Denial | undefined {
  if (request.method !== 'GET' || request.httpVersion !== '1.1')
    return malformed('handshake is not GET on HTTP/1.1')
  const lines = request.rawHeaders
  let keys = 0
  let versions = 0
  for (let i = 0; i < lines.length; i += 2) {
    const value = lines[i + 1] as string
    switch ((lines[i] as string).toLowerCase()) {
      case 'content-length':
      case 'transfer-encoding':
        return malformed('handshake with a body')
      case 'sec-websocket-key':
        if (!key.test(value)) return malformed('handshake key is not 16 bytes')
        keys += 1
        break
      case 'sec-websocket-version':
        if (value !== '13') return malformed('handshake version is not 13')
        versions += 1
        break
      default:
    }
  }
  return keys === 1 && versions === 1 ? undefined : malformed('handshake without key or version')
}

function malformed(reason: string): Denial {
  return deny('LISTEN_MALFORMED', 'listen.handshake', reason)
}
