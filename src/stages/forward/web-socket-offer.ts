import type { Inspected } from '../../kernel/facts.ts'
import type { WebSocketOffer } from './upstream.ts'

/** 16 octets in base64 (RFC 6455 section 4.1). */
const key = /^[A-Za-z0-9+/]{22}==$/

/** The handshake a call makes; undefined where it makes none, or none that is well-formed. */
export function parseWebSocketOffer(call: Inspected): WebSocketOffer | undefined {
  if (call.upgrade === undefined || call.method !== 'GET') return undefined
  const keys = call.fields.all('sec-websocket-key')
  const [only] = keys
  if (only === undefined || keys.length !== 1 || !key.test(only)) return undefined
  const protocols = call.fields
    .all('sec-websocket-protocol')
    .flatMap((value) => value.split(','))
    .map((name) => name.trim())
  return { key: only, protocols }
}
