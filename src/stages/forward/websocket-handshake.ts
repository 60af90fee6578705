import { createHash } from 'node:crypto'
import { hasConnectionOption } from './hop-by-hop.ts'
import { malformed } from './malformed.ts'
import type { ReplyHead } from './reply-head.ts'
import type { WebSocketOffer } from './upstream.ts'

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** `Sec-WebSocket-Accept` of a key (RFC 6455 section 4.2.2). */
export function webSocketAccept(key: string): string {
  return createHash('sha1')
    .update(key + GUID)
    .digest('base64')
}

/**
 * Proves that a 101 answers this very offer (RFC 6455 section 4.1): upgrade, accept value, a protocol that was
 * offered, no extension. Throws `FORWARD_MALFORMED`.
 */
export function assertWebSocketAccepted(offer: WebSocketOffer, reply: ReplyHead): void {
  if (reply.upgrade?.toLowerCase() !== 'websocket') throw malformed('101 to something else than websocket')
  if (!hasConnectionOption(reply.connection, 'upgrade')) throw malformed('101 without Connection: Upgrade')
  const accept = all(reply.fields, 'sec-websocket-accept')
  if (accept.length !== 1 || accept[0] !== webSocketAccept(offer.key)) throw malformed('Sec-WebSocket-Accept')
  if (all(reply.fields, 'sec-websocket-extensions').length > 0)
    throw malformed('extension that nobody offered')
  const protocols = all(reply.fields, 'sec-websocket-protocol')
  const [chosen] = protocols
  if (protocols.length > 1 || (chosen !== undefined && !offer.protocols.includes(chosen)))
    throw malformed('WebSocket protocol that nobody offered')
}

function all(fields: readonly string[], name: string): string[] {
  const values: string[] = []
  for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) values.push(fields[i + 1] as string)
  return values
}
