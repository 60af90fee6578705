import type { IncomingMessage } from 'node:http'

/**
 * True where the browser says that a page of this very origin sent the request. Our pages send no referrer, so browsers
 * write `Origin: null` on their forms: then `Sec-Fetch-Site` must say `same-origin`. A request with neither proves nothing.
 */
export function isSameOrigin(request: IncomingMessage, origin: string): boolean {
  const from = request.headers.origin
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return false
  if (from === undefined || from === 'null') return site === 'same-origin'
  return from === origin
}
