/** http is for the machine itself, by address: `localhost` may be answered by another machine (RFC 8252 section 8.3). */
const loopback: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]'])

/** A private-use scheme is a reversed domain name: it has a dot (RFC 8252 section 7.1). */
const privateScheme = /^[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:$/

/**
 * Whether a URI may be registered to send a browser to (rows A04, A05). `localhost`: also under that name, for pages that
 * this process serves itself and that the browser has from there already.
 */
export function isRedirectUri(uri: string, localhost = false): boolean {
  return whyNotRedirectUri(uri, localhost) === ''
}

/** Why a URI may not be registered; empty where it may. */
export function whyNotRedirectUri(uri: string, localhost = false): string {
  const url = URL.parse(uri)
  if (url === null) return 'not an absolute URI'
  if (!/^[\x21-\x7e]+$/.test(uri)) return 'only printable ASCII'
  if (uri.includes('#')) return 'a fragment is not allowed'
  if (uri.includes('*')) return 'wildcards are not allowed: it is compared as it stands'
  if (uri.includes('\\')) return 'a backslash is read differently by browsers'
  if (url.username !== '' || url.password !== '' || /^[^/?]*:\/\/[^/?]*@/.test(uri))
    return 'user information is not allowed'
  if (/(?:^|\/)\.{1,2}(?:[/?]|$)/.test(uri.replace(/^[^:]*:(?:\/\/[^/?]*)?/, '')) || /%2e/i.test(uri))
    return 'dot segments are not allowed'
  if (url.protocol === 'https:') {
    // What a browser would rewrite is not what was compared.
    const [, host = ''] = /^https:\/\/([^/?]*)/i.exec(uri) ?? []
    if (host !== host.toLowerCase() || host.endsWith('.'))
      return 'write the host in lower case, without a dot at its end'
    return ''
  }
  if (localhost && /^http:\/\/localhost(?::\d+)?\/(?![/\\])/.test(uri)) return ''
  if (url.protocol === 'http:')
    return loopback.has(url.hostname) && /^http:\/\/(?:127\.0\.0\.1|\[::1\])(?::\d+)?(?:[/?]|$)/.test(uri)
      ? ''
      : 'http is allowed for http://127.0.0.1 and http://[::1] alone'
  if (privateScheme.test(url.protocol)) return ''
  return 'only https, loopback http, or a private scheme with a dot in it (com.example.app:/callback)'
}
