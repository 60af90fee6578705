import type { IncomingMessage, ServerResponse } from 'node:http'

export interface CookieOptions {
  /** Seconds until the browser forgets it; undefined: when it closes. */
  readonly maxAge?: number | undefined
}

/** Reads and writes cookies of the pages. */
export interface Cookies {
  /** The value; undefined where there is none, or more than one (a planted cookie beside ours). */
  read(request: IncomingMessage, name: string): string | undefined
  write(response: ServerResponse, name: string, value: string, options?: CookieOptions): void
}

/**
 * Over HTTPS every cookie is `__Host-`, `Secure`, `HttpOnly`, `SameSite=Lax` (ASVS 3.3.1-4). `secure: false` is for plain
 * http on loopback, where browsers refuse that prefix: the plain name, without `Secure`.
 */
export function createCookies(secure: boolean): Cookies {
  const prefix = secure ? '__Host-' : ''
  return {
    read(request, name) {
      const start = `${prefix}${name}=`
      const found = (request.headers.cookie ?? '')
        .slice(0, 16_384)
        .split(';')
        .map((pair) => pair.trim())
        .filter((pair) => pair.startsWith(start))
      return found.length === 1 ? found[0]?.slice(start.length) : undefined
    },
    write(response, name, value, options) {
      if (!/^[\w.~-]*$/.test(value)) throw new TypeError('a cookie value is base64url')
      const age = options?.maxAge === undefined ? '' : `; Max-Age=${options.maxAge}`
      const written = `${prefix}${name}=${value}; Path=/${age}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
      const kept = [response.getHeader('set-cookie') ?? []]
        .flat()
        .map(String)
        .filter((one) => !one.startsWith(`${prefix}${name}=`))
      response.setHeader('set-cookie', [...kept, written])
    },
  }
}
