import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { Agent, buildConnector } from 'undici'
import { bareHost } from './address-policy.ts'

/** A request as it goes out: nothing is added but `Host`, framing and `Accept-Encoding: identity`. */
export interface TargetRequest {
  readonly method: string
  /** Origin form with the query, sent as it is: no dot segment is resolved. */
  readonly path: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: string | Uint8Array
}

export type TargetFailure = 'timeout' | 'unreachable' | 'malformed'

/** What came back. Redirects are not followed. */
export interface TargetReply {
  /** 0 where there was none. */
  readonly status: number
  /** Lower-case names; repeated fields joined by a comma, `set-cookie` by a newline. */
  readonly headers: ReadonlyMap<string, string>
  readonly text: string
  /** True where the body went on after the bytes or the time that are allowed. */
  readonly cut: boolean
  readonly ms: number
  readonly failure: TargetFailure | undefined
}

export interface TargetClientOptions {
  /** `http://host:port` */
  readonly origin: string
  /** Until the head of a reply; default 10,000. */
  readonly headMs?: number
  /** For its body; default 3,000. */
  readonly bodyMs?: number
  /** Of a body; default 512 KiB. */
  readonly maxBytes?: number
  /** PEM of authorities to trust beside the system's. */
  readonly authorities?: readonly string[]
}

/**
 * The client of `sallyport probe`: speaks to one origin alone. The name is resolved once and every connection goes to that
 * address; a redirect is a reply like any other.
 */
export interface TargetClient {
  /** The address that every connection goes to. */
  readonly address: string
  /** Never rejects. */
  send(request: TargetRequest, signal?: AbortSignal): Promise<TargetReply>
  close(): Promise<void>
}

/** Rejects where the name cannot be resolved. */
export async function createTargetClient(options: TargetClientOptions): Promise<TargetClient> {
  const { origin, headMs = 10_000, bodyMs = 3_000, maxBytes = 524_288 } = options
  const host = bareHost(new URL(origin).hostname)
  const family = isIP(host)
  const pinned = family === 0 ? await lookup(host) : { address: host, family }
  const agent = new Agent({
    connect: buildConnector({
      timeout: headMs,
      allowH2: false,
      lookup: (_name, asked, callback) =>
        asked.all === true
          ? callback(null, [{ address: pinned.address, family: pinned.family }])
          : callback(null, pinned.address, pinned.family),
      ...(options.authorities === undefined ? {} : { ca: [...options.authorities] }),
    }),
    connections: 32,
    keepAliveTimeout: 2000,
    headersTimeout: headMs,
    bodyTimeout: bodyMs,
    maxHeaderSize: 65_536,
  })

  /** Paths whose bodies did not end. */
  const endless = new Set<string>()

  async function read(
    body: AsyncIterable<Uint8Array> & { destroy(): void },
    within: number,
  ): Promise<[string, boolean]> {
    const chunks: Uint8Array[] = []
    let total = 0
    let cut = false
    const timer = setTimeout(() => {
      cut = true
      body.destroy()
    }, within)
    try {
      for await (const chunk of body) {
        chunks.push(chunk)
        total += chunk.length
        if (total <= maxBytes) continue
        cut = true
        break
      }
    } catch {
      cut = true
    } finally {
      clearTimeout(timer)
      body.destroy()
    }
    return [Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8'), cut]
  }

  return {
    address: pinned.address,
    async send({ method, path, headers, body }, signal) {
      const started = performance.now()
      try {
        const reply = await agent.request({
          origin,
          path,
          method: method as 'GET',
          headers: [...headers, ['accept-encoding', 'identity']].flat(),
          body: body ?? null,
          signal: signal ?? null,
        })
        reply.body.on('error', () => {})
        const [plain = ''] = path.split('?')
        const streams = endless.has(plain) || /event-stream/.test(String(reply.headers['content-type']))
        const [text, cut] = await read(reply.body as never, streams ? Math.min(300, bodyMs) : bodyMs)
        if (cut && endless.size < 1000) endless.add(plain)
        const ms = performance.now() - started
        return {
          status: reply.statusCode,
          headers: fieldsOf(reply.headers),
          text,
          cut,
          ms,
          failure: undefined,
        }
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : ''
        const failure = /TIMEOUT/.test(code)
          ? 'timeout'
          : /HPE_|INVALID|OVERFLOW/.test(code)
            ? 'malformed'
            : 'unreachable'
        return {
          status: 0,
          headers: new Map(),
          text: '',
          cut: false,
          ms: performance.now() - started,
          failure,
        }
      }
    },
    close: () => agent.destroy(),
  }
}

function fieldsOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined)
      fields.set(
        name.toLowerCase(),
        Array.isArray(value) ? value.join(name === 'set-cookie' ? '\n' : ', ') : value,
      )
  return fields
}
