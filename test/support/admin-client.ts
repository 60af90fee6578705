import { request as ask, type IncomingHttpHeaders } from 'node:http'

export interface AdminReply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The body; fails where it is no JSON. */
  json<T>(): T
}

export interface AdminRequest {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Sends one request exactly as a test says, `Host` included; `fetch` would mend it. */
export function askAdmin(url: string, path: string, sent: AdminRequest = {}): Promise<AdminReply> {
  const { hostname, port } = new URL(url)
  const body = sent.body === undefined ? undefined : JSON.stringify(sent.body)
  const headers = {
    ...(body !== undefined && {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
    }),
    ...sent.headers,
  }
  return new Promise((resolve, reject) => {
    const asked = ask(
      { host: hostname, port, path, method: sent.method ?? 'GET', headers, agent: false },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: <T>() => JSON.parse(text) as T,
          }),
        )
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })
}

/** A browser that is signed in: sends its cookie, and `X-CSRF` with what changes something. */
export interface AdminBrowser {
  readonly csrf: string
  readonly cookie: string
  get(path: string): Promise<AdminReply>
  send(method: string, path: string, body?: unknown): Promise<AdminReply>
}

/** Signs in with what `POST session` takes. */
export async function signInAdmin(url: string, body: unknown): Promise<AdminBrowser> {
  const reply = await askAdmin(url, '/api/v1/session', { method: 'POST', body })
  if (reply.status !== 200) throw new Error(`not signed in: ${reply.status} ${reply.text}`)
  const cookie = String(reply.headers['set-cookie']?.[0]).split(';')[0] ?? ''
  const { csrf } = reply.json<{ csrf: string }>()
  const headers = { cookie, 'x-csrf': csrf }
  return {
    csrf,
    cookie,
    get: (path) => askAdmin(url, path, { headers: { cookie } }),
    send: (method, path, sent) => askAdmin(url, path, { method, headers, body: sent }),
  }
}
