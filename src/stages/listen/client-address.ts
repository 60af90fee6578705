import { parseAddress } from './address.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

/**
 * The caller's address from a chain of addresses that proxies appended to (RFC 7239 §5-6): the first one from
 * the right that is no trusted proxy. Where an entry is no address (`unknown`, `_hidden`, garbage) the proxy that
 * reported it is the last one known, and it is the answer: such an entry never shifts the count.
 *
 * @param peer canonical address of the socket's other end, a trusted proxy
 * @param chain comma-separated `X-Forwarded-For` value
 */
export function clientFromChain(peer: string, chain: string, trusted: TrustedProxies): string {
  let client = peer
  let end = chain.length
  while (end > 0) {
    const comma = chain.lastIndexOf(',', end - 1)
    const address = parseAddress(chain.slice(comma + 1, end))
    if (address === undefined) return client
    client = address
    if (comma === -1 || !trusted.has(address)) return client
    end = comma
  }
  return client
}

/** The `for`, `proto`, `host` parameters of one element of `Forwarded`. */
export interface ForwardedElement {
  readonly for: string | undefined
  readonly proto: string | undefined
  readonly host: string | undefined
}

const pair =
  /^[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)|"((?:[^"\\]|\\.)*)")[ \t]*/

/** Parses `Forwarded` (RFC 7239 §4) in time linear in its length; undefined where it is not well-formed. */
export function parseForwarded(value: string): ForwardedElement[] | undefined {
  const elements: ForwardedElement[] = []
  let current = new Map<string, string>()
  let rest = value
  while (true) {
    const match = pair.exec(rest)
    if (match === null) return undefined
    const name = (match[1] ?? '').toLowerCase()
    if (current.has(name)) return undefined
    current.set(name, match[2] ?? (match[3] ?? '').replaceAll(/\\(.)/g, '$1'))
    rest = rest.slice(match[0].length)
    const separator = rest[0]
    if (separator !== ';') {
      elements.push({ for: current.get('for'), proto: current.get('proto'), host: current.get('host') })
      current = new Map()
    }
    if (separator === undefined) return elements
    if (separator !== ';' && separator !== ',') return undefined
    rest = rest.slice(1)
  }
}

/** The `for` identifiers of a `Forwarded` value as one chain that `clientFromChain` reads. */
export function chainOf(elements: readonly ForwardedElement[]): string {
  return elements.map((element) => (element.for ?? 'unknown').replaceAll(',', ' ')).join(',')
}
