import { type Denial, deny, isDenied } from '../../kernel/verdict.ts'
import { chainOf, clientFromChain, type ForwardedElement, parseForwarded } from './client-address.ts'
import type { Head } from './head.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

/** What a trusted proxy says of the caller's side of it. */
export interface Origin {
  readonly client: string
  /** `http` or `https`; undefined where the proxy does not say. */
  readonly proto: string | undefined
  readonly host: string | undefined
}

/**
 * Reads the forwarding fields of a trusted proxy (RFC 7239, and the `X-Forwarded-*` before it). A proxy that
 * sets one family passes the other on as the caller wrote it: where both are there and name different callers,
 * nobody can tell which is true, and the request is refused (`LISTEN_MALFORMED`).
 */
export function parseOrigin(head: Head, peer: string, trusted: TrustedProxies): Origin | Denial {
  const { forwarded, forwardedFor, forwardedHost, forwardedProto } = head
  let element: ForwardedElement | undefined
  let client = peer
  if (forwarded !== undefined) {
    const elements = parseForwarded(forwarded)
    if (elements === undefined) return contradictory('Forwarded is not well-formed')
    element = elements.at(-1)
    client = clientFromChain(peer, chainOf(elements), trusted)
  }
  if (forwardedFor !== undefined) {
    const other = clientFromChain(peer, forwardedFor, trusted)
    if (forwarded !== undefined && other !== client)
      return contradictory('Forwarded and X-Forwarded-For differ')
    client = other
  }
  const proto = agreed(lastOf(forwardedProto), element?.proto)
  const host = agreed(lastOf(forwardedHost), element?.host)
  if (isDenied(proto)) return proto
  if (isDenied(host)) return host
  return { client, proto: proto.value?.toLowerCase(), host: host.value }
}

function agreed(one: string | undefined, other: string | undefined): { value: string | undefined } | Denial {
  if (one !== undefined && other !== undefined && one.toLowerCase() !== other.toLowerCase())
    return contradictory('Forwarded and X-Forwarded-* differ')
  return { value: one ?? other }
}

/** The entry of the nearest proxy. */
function lastOf(list: string | undefined): string | undefined {
  return list?.slice(list.lastIndexOf(',') + 1).trim()
}

function contradictory(reason: string): Denial {
  return deny('LISTEN_MALFORMED', 'listen.forwarded', reason)
}
