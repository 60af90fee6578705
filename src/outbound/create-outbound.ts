import type { lookup } from 'node:dns'
import { getCACertificates } from 'node:tls'
import type { Agent, Dispatcher } from 'undici'
import { type AddressPolicyOptions, bareHost, compileAddressPolicy } from './address-policy.ts'
import { OutboundError } from './outbound-error.ts'

export interface OutboundOptions extends AddressPolicyOptions {
  /** For a whole call, from the name to the last byte; default 5,000. */
  readonly timeoutMs?: number
  /** Largest reply body; default 1 MiB. */
  readonly maxBytes?: number
  /** PEM of authorities to trust beside the system's. */
  readonly authorities?: readonly string[]
  /** Name resolution, for tests. */
  readonly resolve?: typeof lookup
}

/**
 * The only client for what Sallyport fetches on its own behalf. https (plain http only where it is written
 * down), no redirect is followed, so no credential ever goes to another origin; size and time are capped; private
 * and special addresses are refused on the connected address; the environment's proxy settings are not read.
 */
export interface Outbound {
  /** GETs one JSON document. Rejects with `OutboundError` alone. */
  getJson(url: string): Promise<unknown>
  /**
   * POSTs a form and reads the JSON reply, as a client that authenticates with its secret (RFC 6749 §2.3.1, Basic).
   * Rejects with `OutboundError` alone; it holds neither form nor secret.
   */
  postForm(url: string, form: Readonly<Record<string, string>>, client: ClientSecret): Promise<unknown>
  /**
   * `fetch` for libraries that take one: GET, and POST of a text or a form. Of `init` method, `headers`, `body` and `signal`
   * count. The reply is whole when it is given, a redirect is given as it is, and only a 200 has a body. Rejects with
   * `OutboundError` alone.
   */
  fetch(url: string, init?: RequestInit): Promise<Response>
  /** Ends calls under way and closes connections. */
  close(): Promise<void>
}

/** How a JSON question is put. */
export interface JsonQuestion {
  /** Bearer credential of the gateway; undefined: none. */
  readonly token: string | undefined
  /** Sent as `X-Request-Id`. */
  readonly requestId: string
  /** For the whole call. */
  readonly timeoutMs: number
  /** Sent as `Sallyport-Signature`. */
  readonly signature?: string
}

/** Asks other servers questions in JSON. */
export interface JsonClient {
  /** POSTs JSON and reads the JSON reply. Rejects with `OutboundError` alone; it holds neither question nor credential. */
  postJson(url: string, value: unknown, question: JsonQuestion): Promise<unknown>
}

/** What is handed over to another server. */
export interface Delivery {
  readonly url: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  /** For the whole call. */
  readonly timeoutMs: number
}

/** What the other server said to it. */
export interface Delivered {
  readonly status: number
  /** `Retry-After` in milliseconds, where it was said in seconds. */
  readonly retryAfterMs: number | undefined
  /** Body of a 200; undefined for every other status. */
  readonly text: string | undefined
}

/** Hands bodies over to other servers. */
export interface Deliverer {
  /** POSTs a body; every status is an answer. Rejects with `OutboundError` alone, which holds neither body nor headers. */
  deliver(delivery: Delivery): Promise<Delivered>
}

/** The client as its owner holds it. */
export interface OwnedOutbound extends Outbound, JsonClient, Deliverer {
  /** Lets `host:port` or networks be called from now on, as `allowPrivate` does. Throws `Unusable`. */
  allow(entries: readonly string[]): void
}

/** How Sallyport authenticates itself at another server. */
export interface ClientSecret {
  readonly id: string
  readonly secret: string
}

/** Throws `Unusable` for an allow-list that cannot be read. */
export function createOutbound(options: OutboundOptions = {}): OwnedOutbound {
  const timeoutMs = options.timeoutMs ?? 5000
  const maxBytes = options.maxBytes ?? 1_048_576
  const policy = compileAddressPolicy(options)
  let agent: Promise<Agent> | undefined
  let closed = false

  // The library of clients is a hundred modules: a gateway that calls nobody starts without it.
  async function openAgent(): Promise<Agent> {
    const { createAgent } = await import('./create-agent.ts')
    return createAgent(policy, {
      timeoutMs,
      maxBytes,
      authorities:
        options.authorities === undefined
          ? undefined
          : [...getCACertificates('default'), ...options.authorities],
      ...(options.resolve === undefined ? {} : { resolve: options.resolve }),
    })
  }

  function admit(text: string): URL {
    const url = URL.parse(text)
    if (url === null) throw new OutboundError('refused', 'not an absolute URL')
    if (url.username !== '' || url.password !== '')
      throw new OutboundError('refused', 'user information in a URL')
    const host = bareHost(url.hostname)
    if (url.protocol === 'https:') return url
    if (url.protocol !== 'http:') throw new OutboundError('refused', 'only https is called')
    if (!policy.mayBePlain(host, Number(url.port || 80)))
      throw new OutboundError('refused', 'plain http is called only where host:port is listed as allowed')
    return url
  }

  async function send(url: URL, signal: AbortSignal, call: Call): Promise<Received> {
    if (closed) throw new OutboundError('unreachable', 'no answer (closed)')
    agent ??= openAgent()
    const { statusCode, headers, body } = await (await agent).request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: call.method,
      headers: { 'accept-encoding': 'identity', ...call.headers },
      body: call.body ?? null,
      signal,
    })
    // A body that is destroyed unread reports that as an error, which would otherwise end the process.
    body.on('error', () => {})
    const retryAfter = headers['retry-after']
    if (statusCode !== 200) {
      body.destroy()
      return { status: statusCode, type: undefined, bytes: undefined, retryAfter }
    }
    if (headers['content-encoding'] !== undefined) {
      body.destroy()
      throw new OutboundError('malformed', 'a content coding that was not asked for')
    }
    const type = headers['content-type']
    return {
      status: statusCode,
      type: typeof type === 'string' ? type : undefined,
      bytes: await readCapped(body, maxBytes),
      retryAfter,
    }
  }

  async function run(
    text: string,
    call: Call,
    { within = timeoutMs, asked }: { readonly within?: number; readonly asked?: AbortSignal | null } = {},
  ): Promise<Received> {
    const url = admit(text)
    const limit = AbortSignal.timeout(Math.ceil(within))
    const signal = asked === undefined || asked === null ? limit : AbortSignal.any([limit, asked])
    try {
      return await send(url, signal, call)
    } catch (error) {
      throw asOutboundError(error, signal)
    }
  }

  async function askJson(text: string, call: Call, within = timeoutMs): Promise<unknown> {
    const { status, bytes } = await run(text, call, { within })
    if (bytes === undefined) throw new OutboundError('status', `status ${status}`, { status })
    try {
      return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown
    } catch {
      throw new OutboundError('malformed', 'the reply is not JSON')
    }
  }

  return {
    getJson: (text) => askJson(text, { method: 'GET', headers: { accept: 'application/json' } }),
    postForm: (text, form, client) =>
      askJson(text, {
        method: 'POST',
        headers: {
          accept: 'application/json',
          'content-type': 'application/x-www-form-urlencoded',
          authorization: basicCredentials(client),
        },
        body: new URLSearchParams(form).toString(),
      }),
    async fetch(text, init = {}) {
      const { status, type, bytes } = await run(text, callOf(init), { asked: init.signal ?? null })
      if (status < 200 || status > 599) throw new OutboundError('malformed', 'a status that there is not')
      return new Response(bytes === undefined ? null : new Uint8Array(bytes), {
        status,
        headers: type === undefined ? {} : { 'content-type': type },
      })
    },
    postJson: (text, value, { token, requestId, signature, timeoutMs: within }) =>
      askJson(
        text,
        {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'x-request-id': requestId,
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
            ...(signature !== undefined && { 'sallyport-signature': signature }),
          },
          body: JSON.stringify(value),
        },
        within,
      ),
    async deliver({ url, body, headers, timeoutMs: within }) {
      const call: Call = { method: 'POST', headers, body }
      const { status, bytes, retryAfter } = await run(url, call, { within })
      const seconds =
        typeof retryAfter === 'string' && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined
      return {
        status,
        retryAfterMs: seconds === undefined ? undefined : seconds * 1000,
        text: bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8'),
      }
    },
    allow: (entries) => policy.allow(entries),
    async close() {
      closed = true
      await (await agent)?.destroy()
    },
  }
}

async function readCapped(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let total = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    total += chunk.length
    if (total > maxBytes) {
      body.destroy()
      throw new OutboundError('too large', `the reply is larger than ${maxBytes} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, total)
}

function asOutboundError(error: unknown, signal: AbortSignal): OutboundError {
  if (error instanceof OutboundError) return error
  if (signal.aborted) return new OutboundError('timeout', 'no complete answer in time', { cause: error })
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (/TIMEOUT/.test(code))
    return new OutboundError('timeout', 'no complete answer in time', { cause: error })
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')
    return new OutboundError('too large', 'the reply is too large', { cause: error })
  return new OutboundError('unreachable', `no answer (${code || 'error'})`, { cause: error })
}

interface Call {
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

interface Received {
  readonly status: number
  readonly type: string | undefined
  /** Undefined unless the status is 200. */
  readonly bytes: Uint8Array | undefined
  readonly retryAfter: string | string[] | undefined
}

/** Connections are nobody's business but the client's own. */
const ownHeaders: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'accept-encoding',
])

function callOf({ method = 'GET', headers, body }: RequestInit): Call {
  if (method !== 'GET' && method !== 'POST') throw new OutboundError('refused', 'only GET and POST are sent')
  const fields = Object.fromEntries([...new Headers(headers)].filter(([name]) => !ownHeaders.has(name)))
  if (body === undefined || body === null) return { method, headers: fields }
  if (method === 'GET' || (typeof body !== 'string' && !(body instanceof URLSearchParams)))
    throw new OutboundError('refused', 'only texts and forms are sent, by POST')
  return { method, headers: fields, body: body.toString() }
}

/** Id and secret are form-encoded before they are joined, so that a colon in an id stays its own. */
function basicCredentials({ id, secret }: ClientSecret): string {
  const encode = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1)
  return `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')}`
}
