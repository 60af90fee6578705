import { randomBytes } from 'node:crypto'
import type { Entry } from '../entry.ts'
import { attribute, type OtlpAttribute } from '../otlp/otlp.ts'
import type { Traced } from './traced.ts'

/** A span in OTLP's JSON encoding. */
export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  /** 1 internal, 2 server, 3 client. */
  readonly kind: 1 | 2 | 3
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly OtlpAttribute[]
  readonly events?: readonly object[]
  /** 2: error. */
  readonly status?: { readonly code: 2 }
}

/** Where the calls of an API go. */
export interface Destination {
  readonly host: string
  readonly port: number
  /** Path in front of the templates of its contract, no slash at the end. */
  readonly basePath: string
}

/** Methods of RFC 9110 and PATCH; any other is `_OTHER`. */
const methods: ReadonlySet<string> = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'TRACE',
])

/** Most checks that one span names. */
const mostChecks = 32

/**
 * The span of a call and one in it for each stage (OpenTelemetry semantic conventions for HTTP, stable). The query is not
 * among them, nor is who called. The span of `forward` has the id that the upstream was told.
 */
export function spansOf(entry: Entry, traced: Traced, destination: Destination | undefined): Span[] {
  const { trail, operation, denial, status, traceId } = entry
  const { times } = trail
  const began = typeof times[1] === 'number' ? times[1] : entry.end
  const nanos = (at: number): string => nanosOf(entry.time, at - began)
  const method = methods.has(entry.method) ? entry.method : '_OTHER'
  const route = operation === undefined ? undefined : `${destination?.basePath ?? ''}${operation.template}`
  const { host, port } = hostOf(traced.authority)
  const server: Span = {
    traceId,
    spanId: spanId(),
    ...(traced.parent !== undefined && { parentSpanId: traced.parent }),
    name: route === undefined ? (method === '_OTHER' ? 'HTTP' : method) : `${method} ${route}`,
    kind: 2,
    startTimeUnixNano: nanos(began),
    endTimeUnixNano: nanos(entry.end),
    attributes: all([
      attribute('http.request.method', method),
      method === '_OTHER' ? attribute('http.request.method_original', entry.method.slice(0, 32)) : undefined,
      attribute('url.path', entry.path.slice(0, 2_048)),
      attribute('url.scheme', entry.secure ? 'https' : 'http'),
      attribute('http.route', route),
      attribute('http.response.status_code', status),
      attribute('error.type', status >= 500 ? (denial?.code ?? String(status)) : undefined),
      attribute('network.protocol.version', entry.protocol),
      attribute('server.address', host),
      attribute('server.port', port),
      attribute('client.address', entry.address),
      attribute('network.peer.address', entry.peer),
      attribute('http.request.body.size', entry.bytesIn),
      attribute('http.response.body.size', entry.bytesOut),
      attribute('sallyport.request_id', entry.id.slice(0, 256)),
      attribute('sallyport.api', operation?.api),
      attribute('sallyport.operation', operation?.id.slice(0, 256)),
      attribute('sallyport.code', denial?.code),
      attribute('sallyport.failed_open', trail.failedOpen > 0 ? trail.failedOpen : undefined),
    ]),
    ...(status >= 500 && { status: { code: 2 as const } }),
  }
  const spans = [server]
  for (let i = 0; i + 1 < times.length; i += 2) {
    const stage = times[i] as string
    const from = times[i + 1] as number
    const to = i + 3 < times.length ? (times[i + 3] as number) : entry.end
    const calls = stage === 'forward' && trail.upstreamSpan !== undefined
    const failed = denial !== undefined && trail.stage !== stage ? false : status >= 500 && calls
    spans.push({
      traceId,
      spanId: calls ? (trail.upstreamSpan ?? spanId()) : spanId(),
      parentSpanId: server.spanId,
      name: calls ? method : `sallyport.${stage}`,
      kind: calls ? 3 : 1,
      startTimeUnixNano: nanos(from),
      endTimeUnixNano: nanos(to),
      attributes: all([
        attribute('sallyport.stage', stage),
        ...(calls
          ? [
              attribute('http.request.method', method),
              attribute('http.response.status_code', entry.upstreamStatus),
              attribute('server.address', destination?.host),
              attribute('server.port', destination?.port),
              attribute(
                'error.type',
                (entry.upstreamStatus ?? 599) >= 500
                  ? String(entry.upstreamStatus ?? denial?.code ?? '')
                  : undefined,
              ),
            ]
          : []),
      ]),
      ...eventsOf(entry, stage, nanos(to)),
      ...(failed && { status: { code: 2 as const } }),
    })
  }
  return spans
}

/** What the checks of a stage said. Their own times are not known: they stand at its end. */
function eventsOf(entry: Entry, stage: string, at: string): { readonly events?: readonly object[] } {
  const notes = entry.trail.notes.filter((note) => note.stage === stage).slice(0, mostChecks)
  if (notes.length === 0) return {}
  return {
    events: notes.map((note) => ({
      timeUnixNano: at,
      name: 'sallyport.check',
      attributes: all([
        attribute('sallyport.check', note.check),
        attribute('sallyport.verdict', note.verdict),
        attribute('sallyport.code', note.code),
        attribute('sallyport.observed', note.observed ? true : undefined),
      ]),
    })),
  }
}

function all(attributes: readonly (OtlpAttribute | undefined)[]): OtlpAttribute[] {
  return attributes.filter((one) => one !== undefined)
}

/** `epochMs` and fractions of milliseconds after it, in nanoseconds: more than a double holds. */
function nanosOf(epochMs: number, afterMs: number): string {
  return String(BigInt(Math.trunc(epochMs)) * 1_000_000n + BigInt(Math.round(Math.max(0, afterMs) * 1e6)))
}

function spanId(): string {
  return randomBytes(8).toString('hex')
}

function hostOf(authority: string): { readonly host: string; readonly port: number | undefined } {
  const match = /^(.*?)(?::(\d{1,5}))?$/.exec(authority)
  return {
    host: (match?.[1] ?? authority).slice(0, 256),
    port: match?.[2] === undefined ? undefined : Number(match[2]),
  }
}
