import { isIP } from 'node:net'
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

/**
 * The canonical text of an address: no port, no brackets, no zone, IPv4-mapped IPv6 as IPv4, IPv6 compressed.
 * Undefined for anything else.
 */
export function parseAddress(raw: string): string | undefined {
  let text = raw.trim()
  if (text.length === 0 || text.length > 64) return undefined
  if (text.startsWith('[')) {
    const close = text.indexOf(']')
    if (close === -1 || !/^(?::[0-9]{1,5})?$/.test(text.slice(close + 1))) return undefined
    text = text.slice(1, close)
    return isIP(text) === 6 ? canonicalAddress(text) : undefined
  }
  const version = isIP(text)
  if (version !== 0) return canonicalAddress(text)
  const port = /^([0-9.]+):[0-9]{1,5}$/.exec(text)
  return port?.[1] !== undefined && isIP(port[1]) === 4 ? port[1] : undefined
}

/** Canonical text of what `isIP` accepts. */
export function canonicalAddress(address: string): string {
  if (!address.includes(':')) return address
  const zone = address.indexOf('%')
  const text = zone === -1 ? address : address.slice(0, zone)
  // The URL parser writes an IPv6 host in its one canonical form (RFC 5952).
  const canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical)
  if (mapped === null) return canonical
  const high = Number.parseInt(mapped[1] ?? '0', 16)
  const low = Number.parseInt(mapped[2] ?? '0', 16)
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
}
