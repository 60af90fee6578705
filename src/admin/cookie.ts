/** Cookies of the admin address. One name a port: browsers share cookies between the ports of a host. */
export interface Cookies {
  read(
    request: { readonly headers: { readonly cookie?: string | undefined } },
    name: CookieName,
  ): string | undefined
  /** A `Set-Cookie` value; `seconds` 0 takes it back. */
  write(name: CookieName, value: string, seconds: number): string
}

export type CookieName = 'session' | 'start'

/** `secure`: the address is reached by https. */
export function createCookies(suffix: string, secure: boolean): Cookies {
  const nameOf = (name: CookieName): string =>
    `${secure ? '__Host-' : ''}sallyport-${name}${suffix === '' ? '' : `-${suffix}`}`
  return {
    read(request, name) {
      const wanted = nameOf(name)
      let found: string | undefined
      for (const pair of (request.headers.cookie ?? '').split(';', 64)) {
        const cut = pair.indexOf('=')
        if (cut === -1 || pair.slice(0, cut).trim() !== wanted) continue
        // Two of one name: somebody put one beside ours.
        if (found !== undefined) return undefined
        found = pair.slice(cut + 1).trim()
      }
      return found !== undefined && /^[A-Za-z0-9_-]{1,128}$/.test(found) ? found : undefined
    },
    write: (name, value, seconds) =>
      `${nameOf(name)}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure ? '; Secure' : ''}`,
  }
}
