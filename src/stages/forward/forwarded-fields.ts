import { isIPv6 } from 'node:net'
import type { Inspected } from '../../kernel/facts.ts'

/**
 * `X-Forwarded-*` and `Forwarded` (RFC 7239), from the facts alone. Where a trusted proxy stands between, the
 * caller comes first and the proxy after it. `authority` is what the caller asked for, or its public name.
 */
export function writeForwarded(call: Inspected, authority: string): string {
  const { client, peer } = call
  const proto = call.channel.secure ? 'https' : 'http'
  const chain = client === peer ? client : `${client}, ${peer}`
  let hops = `for=${node(client)};host="${authority}";proto=${proto}`
  if (client !== peer) hops += `, for=${node(peer)}`
  return (
    `X-Forwarded-For: ${chain}\r\nX-Forwarded-Proto: ${proto}\r\nX-Forwarded-Host: ${authority}\r\n` +
    `Forwarded: ${hops}\r\n`
  )
}

function node(address: string): string {
  return address.includes(':') && isIPv6(address) ? `"[${address}]"` : address
}
