import { isIP } from 'node:net'

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
