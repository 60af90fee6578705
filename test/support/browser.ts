/** A browser of a few lines: cookies by path, redirects followed inside one origin. */
export class Browser {
  readonly #cookies = new Map<string, { readonly value: string; readonly path: string }>()
  readonly #origin: string
  readonly #send: typeof fetch
  /** `Set-Cookie` fields as they came. */
  readonly setCookies: string[] = []

  constructor(origin: string, send: typeof fetch = fetch) {
    this.#origin = origin
    this.#send = send
  }

  async request(url: string, init: RequestInit = {}): Promise<Response> {
    const target = new URL(url, this.#origin)
    const headers = new Headers(init.headers)
    const cookies = [...this.#cookies]
      .filter(
        ([, { path }]) =>
          target.pathname === path || target.pathname.startsWith(path.endsWith('/') ? path : `${path}/`),
      )
      .map(([key, { value }]) => `${key.split(' ')[0]}=${value}`)
    if (cookies.length > 0) headers.set('cookie', cookies.join('; '))
    headers.set('accept', headers.get('accept') ?? 'text/html')
    const response = await this.#send(target, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      this.setCookies.push(line)
      const [pair = '', ...attributes] = line.split(/;\s*/)
      const [name = '', value = ''] = pair.split(/=(.*)/s)
      const path = attributes.find((one) => one.toLowerCase().startsWith('path='))?.slice(5) ?? '/'
      const ended = attributes.some((one) => /^expires=Thu, 01 Jan 1970/i.test(one))
      if (ended || value === '') this.#cookies.delete(`${name} ${path}`)
      else this.#cookies.set(`${name} ${path}`, { value, path })
    }
    return response
  }

  /** Follows redirects while they stay here: the URL it is sent away to, or the page it ends at. */
  async visit(
    url: string,
    init?: RequestInit,
  ): Promise<{ readonly away: URL | undefined; readonly page: Response }> {
    let page = await this.request(url, init)
    for (let hop = 0; hop < 12; hop++) {
      const to = page.headers.get('location')
      if (to === null) return { away: undefined, page }
      const target = new URL(to, this.#origin)
      if (target.origin !== this.#origin) return { away: target, page }
      page = await this.request(target.href)
    }
    throw new Error('too many redirects')
  }
}
