/**
 * Fields that belong to one connection (RFC 9110 section 7.6.1), both ways. `Content-Length` is here because
 * framing is written anew from the body itself.
 */
export const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** The lower-case names that a `Connection` field lists, without the connection options themselves. */
export function parseConnectionNames(value: string): string[] {
  return value
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'close' && name !== 'keep-alive' && name !== 'upgrade')
}

/** True where a `Connection` field lists `option`. */
export function hasConnectionOption(value: string | undefined, option: string): boolean {
  if (value === undefined) return false
  return value
    .toLowerCase()
    .split(',')
    .some((name) => name.trim() === option)
}
