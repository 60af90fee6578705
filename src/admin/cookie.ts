/** Cookies of the admin address. One name a port: browsers share cookies between the ports of a host. */
export interface Cookies {
  read(
    request: { readonly headers: { readonly cookie?: string | undefined } },
    name: CookieName,
  ): string | undefined
  /** A `Set-Cookie` value; `seconds` 0 takes it back. `origin`: where the page is; an https one gets a `Secure` cookie. */
  write(name: CookieName, value: string, seconds: number, origin: string | undefined): string
}

export type CookieName = 'session' | 'start'

/** `suffix`: tells the cookies of several gateways on one host apart. */
export function createCookies(suffix: string): Cookies {
  const nameOf = (name: CookieName): string => `sallyport-${name}${suffix === '' ? '' : `-${suffix}`}`
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
    write: (name, value, seconds, origin) =>
      `${nameOf(name)}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${origin?.startsWith('https:') === true ? '; Secure' : ''}`,
  }
}
