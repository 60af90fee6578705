import type { Arrived } from '../../../kernel/facts.ts'

/** Where callers reach an API. */
export interface ApiAddress {
  /**
   * URL of the base path as callers write it, without a slash at the end. Undefined: the scheme of the channel and
   * the authority of the request, which match has found to be one that is served.
   */
  readonly url: string | undefined
  /** Base path as the gateway sees it: `/v1`, or empty. */
  readonly basePath: string
}

/** The URI of a call as its caller wrote it, without query. Forwarding fields have no say in it. */
export function externalUri(
  address: ApiAddress,
  call: Pick<Arrived, 'authority' | 'path' | 'channel'>,
): string {
  if (address.url !== undefined) return address.url + call.path.slice(address.basePath.length)
  return `${call.channel.secure ? 'https' : 'http'}://${call.authority}${call.path}`
}

const octets = /%[0-9A-Fa-f]{2}/g
const unreserved = /^[A-Za-z0-9\-._~]$/

/**
 * Whether two URIs are the same after RFC 3986 §6.2.2 and §6.2.3, query and fragment left out (RFC 9449 §4.3): case
 * of scheme and host, default port, escapes.
 */
export function isSameUri(one: string, other: string): boolean {
  if (one === other) return true
  const normal = normalUri(one)
  return normal !== undefined && normal === normalUri(other)
}

function normalUri(text: string): string | undefined {
  // What the URL parser would silently mend is not a URI.
  if (text.length > 8192 || !/^https?:\/\/[^\s\\]+$/i.test(text)) return undefined
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '') return undefined
  const path = url.pathname.replace(octets, (octet) => {
    const character = String.fromCharCode(Number.parseInt(octet.slice(1), 16))
    return unreserved.test(character) ? character : octet.toUpperCase()
  })
  return url.origin + path
}
