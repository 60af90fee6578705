import { request as send } from 'node:http'

export interface Shown {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
  /** Path that was asked last. */
  readonly path: string
  /** `Set-Cookie` fields. */
  readonly cookies: readonly string[]
}

export interface Sending {
  readonly method?: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A browser without scripts: keeps cookies, reads forms, sends them as a browser does. */
export interface FormBrowser {
  readonly jar: Map<string, string>
  get(path: string): Promise<Shown>
  /** `get`, and then wherever 303 leads on this server. */
  follow(path: string): Promise<Shown>
  /** Fills in and sends the form of `page` whose action ends in `action`. Does not follow. */
  submit(page: Shown, action: string, fields?: Readonly<Record<string, string>>): Promise<Shown>
  /** `submit`, and then wherever it leads on this server. */
  send(page: Shown, action: string, fields?: Readonly<Record<string, string>>): Promise<Shown>
  raw(path: string, sending?: Sending): Promise<Shown>
}

export function createFormBrowser(origin: string, formOrigin: string = origin): FormBrowser {
  const jar = new Map<string, string>()
  const { hostname, port } = new URL(origin)

  function raw(path: string, sending: Sending = {}): Promise<Shown> {
    return new Promise((resolve, reject) => {
      const headers: Record<string, string> = { 'user-agent': 'Mozilla/5.0 (X11; Linux) Firefox/140.0' }
      if (jar.size > 0) headers['cookie'] = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
      const call = send(
        {
          hostname,
          port,
          path,
          method: sending.method ?? 'GET',
          headers: { ...headers, ...sending.headers },
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('end', () => {
            const cookies = response.headers['set-cookie'] ?? []
            for (const cookie of cookies) {
              const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
              if (value === '') jar.delete(name)
              else jar.set(name, value)
            }
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks).toString('utf8'),
              path,
              cookies,
            })
          })
        },
      )
      call.on('error', reject)
      call.end(sending.body)
    })
  }

  async function on(shown: Shown): Promise<Shown> {
    const to = shown.headers['location']
    if (shown.status !== 303 || typeof to !== 'string' || !to.startsWith('/')) return shown
    return on(await raw(to))
  }

  const browser: FormBrowser = {
    jar,
    raw,
    get: (path) => raw(path),
    follow: async (path) => on(await raw(path)),
    submit(page, action, fields = {}) {
      const form = formsOf(page.body).find((one) => one.action.endsWith(action))
      if (form === undefined) throw new Error(`no form for ${action} on ${page.path}:\n${page.body}`)
      const kept = form.fields.filter(([name]) => !Object.hasOwn(fields, name))
      const body = new URLSearchParams([...kept, ...Object.entries(fields)]).toString()
      return raw(form.action, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': String(body.length),
          origin: formOrigin,
          'sec-fetch-site': 'same-origin',
        },
      })
    },
    send: async (page, action, fields) => on(await browser.submit(page, action, fields)),
  }
  return browser
}

interface ReadForm {
  readonly action: string
  /** Hidden fields and ticked boxes. */
  readonly fields: readonly [string, string][]
}

/** The forms of our own markup. */
export function formsOf(body: string): readonly ReadForm[] {
  return [...body.matchAll(/<form [^>]*action="([^"]*)"[^>]*>(.*?)<\/form>/gs)].map(
    ([, action = '', inner = '']) => ({
      action: unescapeText(action),
      fields: [...inner.matchAll(/<input [^>]*>/g)].flatMap(([input]) => {
        const hidden = /type="hidden"/.test(input) || / checked/.test(input)
        const name = /name="([^"]*)"/.exec(input)?.[1]
        return hidden && name !== undefined
          ? [[name, unescapeText(/value="([^"]*)"/.exec(input)?.[1] ?? '')] as [string, string]]
          : []
      }),
    }),
  )
}

function unescapeText(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&amp;': '&',
    '&lt;': '<',
    '&gt;': '>',
    '&quot;': '"',
    '&#39;': "'",
    '&#96;': '`',
  }
  return text.replace(/&(?:amp|lt|gt|quot|#39|#96);/g, (entity) => entities[entity] ?? entity)
}

/** What a reader sees: text without tags. */
export function textOf(body: string): string {
  return unescapeText(body.replace(/<head>.*<\/head>/s, '').replace(/<[^>]+>/g, ' ')).replace(/\s+/g, ' ')
}
