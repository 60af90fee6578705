import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One call as the small APIs of the probe's tests see it. */
export interface SmallCall {
  readonly request: IncomingMessage
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  // biome-ignore lint/suspicious/noExplicitAny: whatever a caller sends, as careless programs take it
  readonly body: any
}

export interface SmallReply {
  readonly status?: number
  readonly json?: unknown
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

export type SmallHandler = (call: SmallCall) => SmallReply | Promise<SmallReply>

/** `GET /orders/{id}` → handler. */
export type SmallRoutes = Readonly<Record<string, SmallHandler>>

export interface SmallApi {
  readonly url: string
  /** `METHOD /path` of everything that arrived. */
  readonly seen: string[]
  close(): Promise<void>
}

export interface SmallOptions {
  readonly routes: SmallRoutes
  /** Before every route; a reply ends the call. */
  readonly before?: (call: SmallCall) => SmallReply | undefined
  /** Headers of every reply. */
  readonly headers?: (request: IncomingMessage) => Readonly<Record<string, string>>
  /** The stack goes to the caller. */
  readonly verbose: boolean
}

/** Starts an API of a few routes on loopback. */
export async function startSmallApi(options: SmallOptions): Promise<SmallApi> {
  const seen: string[] = []
  const routes = Object.entries(options.routes).map(([key, handler]) => {
    const [method = '', template = ''] = key.split(' ')
    const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
    const pattern = new RegExp(`^${template.replaceAll(/\{\w+\}/g, '([^/]+)')}$`)
    return { method, names, pattern, handler }
  })
  const server: Server = createServer((request, response) => {
    void answer(request).then(({ status = 200, json, text, headers }) => {
      const body = json === undefined ? (text ?? '') : JSON.stringify(json)
      response.writeHead(status, {
        'content-type': json === undefined ? 'text/plain' : 'application/json',
        ...options.headers?.(request),
        ...headers,
      })
      response.end(status === 204 ? undefined : body)
    })
  })

  async function answer(request: IncomingMessage): Promise<SmallReply> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const url = new URL(request.url ?? '/', 'http://small')
    seen.push(`${request.method} ${url.pathname}`)
    const text = Buffer.concat(chunks).toString('utf8')
    let body: unknown
    try {
      const form = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')
      body = text === '' ? {} : form ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text)
    } catch {
      return { status: 400, json: { error: 'not JSON' } }
    }
    for (const { method, names, pattern, handler } of routes) {
      let found: RegExpExecArray | null
      try {
        found = method === request.method ? pattern.exec(url.pathname) : null
        if (found === null) continue
        const values = found.slice(1).map(decodeURIComponent)
        const params = Object.fromEntries(names.map((name, i) => [name, values[i] ?? '']))
        const call = { request, params, query: url.searchParams, body }
        return options.before?.(call) ?? (await handler(call))
      } catch (error) {
        if (options.verbose && error instanceof Error) return { status: 500, text: String(error.stack) }
        return { status: 500, json: { error: 'internal error' } }
      }
    }
    return { status: 404, json: { error: 'no such path' } }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** A window of a second for each caller: enough for tests, and a limit. */
export function createWindow(most: number): (key: string) => boolean {
  const counts = new Map<string, { at: number; count: number }>()
  return (key) => {
    const now = Date.now()
    const known = counts.get(key)
    if (known === undefined || now - known.at > 1000) {
      counts.set(key, { at: now, count: 1 })
      return true
    }
    known.count += 1
    return known.count <= most
  }
}
