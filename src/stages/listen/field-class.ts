/** What listen does with a field, by its name. */
export type FieldKind =
  /** Goes on. */
  | 'end-to-end'
  /** Read by listen itself, not passed on (framing, hop-by-hop, ids). */
  | 'own'
  /** Only a trusted proxy may set it; dropped from all others. */
  | 'forwarding'
  /** Never accepted from outside: identity fields of the gateway, CGI aliases, overrides. */
  | 'dropped'

export interface FieldClass {
  /** Lower-case. */
  readonly name: string
  readonly kind: FieldKind
  /** Bit of a field that may appear once; 0 for all others. */
  readonly once: number
  /** True where a byte outside ASCII in the value is refused (row W09). */
  readonly ascii: boolean
  /** True where `Connection` must not name it (row P02). */
  readonly guarded: boolean
}

/** Singleton fields: a second line is refused, never the first or last taken (row F08). */
const singletons = [
  'host',
  'authorization',
  'content-type',
  'content-length',
  'transfer-encoding',
  'dpop',
  'origin',
  'cookie',
  'expect',
  'content-range',
  'content-location',
  'date',
  'from',
  'if-modified-since',
  'if-range',
  'if-unmodified-since',
  'max-forwards',
  'proxy-authorization',
  'range',
  'referer',
  'sec-websocket-key',
  'sec-websocket-version',
  'user-agent',
  'x-api-key',
  'traceparent',
  'x-request-id',
]

const own = new Set([
  'connection',
  'content-length',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-request-id',
])

const forwarding = new Set(['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'])

/** Rows F01, F06, F07, N08: fields other servers believe, which a caller could use to be someone else. */
const dropped = new Set([
  'cf-connecting-ip',
  'client-ip',
  'constructor',
  'fastly-client-ip',
  'prototype',
  'proxy',
  'remote-user',
  'true-client-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-forwarded',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-middleware-subrequest',
  'x-real-ip',
  'x-remote-group',
  'x-remote-user',
  'x-rewrite-url',
])
const droppedPrefixes = [
  'sallyport-',
  'ssl-client-',
  'x-auth-request-',
  'x-auth-subject',
  'x-authenticated-',
  'x-client-cert',
  'x-envoy-',
  'x-forwarded-',
  'x-middleware-',
  'x-original-',
  'x-ssl-',
  'x-webauth-',
]

const securityRelevant = new Set([
  'host',
  'authorization',
  'content-type',
  'content-length',
  'transfer-encoding',
  'te',
  'connection',
  'cookie',
  'dpop',
  'expect',
  'origin',
  'proxy-authorization',
  'upgrade',
  'x-api-key',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
])

const classes = new Map<string, FieldClass>()
const capacity = 1000

/** The class of a field name as it was read. What is remembered is bounded: a caller can invent names. */
export function classOf(raw: string): FieldClass {
  const known = classes.get(raw)
  if (known !== undefined) return known
  const made = classify(raw.toLowerCase())
  if (raw.length <= 48) {
    if (classes.size >= capacity) classes.clear()
    classes.set(raw, made)
  }
  return made
}

function classify(name: string): FieldClass {
  const kind = kindOf(name)
  const bit = singletons.indexOf(name)
  return {
    name,
    kind,
    once: bit === -1 ? 0 : 1 << bit,
    ascii: securityRelevant.has(name),
    guarded: kind === 'forwarding' || kind === 'dropped' || securityRelevant.has(name) || bit !== -1,
  }
}

function kindOf(name: string): FieldKind {
  if (own.has(name)) return 'own'
  if (forwarding.has(name)) return 'forwarding'
  // `_` and `.` become `-` in CGI variables, so such a name can pass for another one (row F02).
  if (dropped.has(name) || name.includes('_') || name.includes('.')) return 'dropped'
  return droppedPrefixes.some((prefix) => name.startsWith(prefix)) ? 'dropped' : 'end-to-end'
}
