import { hopByHop } from './hop-by-hop.ts'

/** What becomes of an inbound field on its way to the upstream. */
export const DROP = 0
export const KEEP = 1
export const BAD_NAME = 2
export const VIA = 3
export const TRACE_PARENT = 4
export const TRACE_STATE = 5
export const CONTENT_TYPE = 6
export const WEB_SOCKET = 7
export const COOKIE = 8

/**
 * Fields that only the gateway may tell an upstream. Listen drops them from peers that are not trusted; they
 * are left out here too, because what is told is written anew from the facts.
 */
const gatewayOnly: ReadonlySet<string> = new Set([
  'cf-connecting-ip',
  'expect',
  'forwarded',
  'host',
  'max-forwards',
  'true-client-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-real-ip',
  'x-request-id',
])

const gatewayPrefixes = [
  'sallyport-',
  'x-client-cert',
  'x-envoy-',
  'x-forwarded',
  'x-original-',
  'x-rewrite-',
  'x-ssl-',
]

const special: ReadonlyMap<string, number> = new Map([
  ['via', VIA],
  ['traceparent', TRACE_PARENT],
  ['tracestate', TRACE_STATE],
  ['content-type', CONTENT_TYPE],
  ['cookie', COOKIE],
])

const token = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/

/** Names are the callers': what is remembered of them is bounded. */
const MAX_REMEMBERED = 1024

/** Compiles name → kind. `dropped` are further lower-case names to leave out. */
export function compileFieldKinds(dropped: ReadonlySet<string>): (name: string) => number {
  const remembered = new Map<string, number>()

  function kindOf(name: string): number {
    if (!token.test(name)) return BAD_NAME
    const own = special.get(name)
    if (own !== undefined && !(own === COOKIE && dropped.has(name))) return own
    if (hopByHop.has(name) || gatewayOnly.has(name) || dropped.has(name)) return DROP
    if (gatewayPrefixes.some((prefix) => name.startsWith(prefix))) return DROP
    // Extensions are not offered on: frames could not be checked, and a deflate bomb would pass.
    if (name === 'sec-websocket-extensions') return DROP
    return name.startsWith('sec-websocket-') ? WEB_SOCKET : KEEP
  }

  return (name) => {
    const known = remembered.get(name)
    if (known !== undefined) return known
    const kind = kindOf(name)
    if (remembered.size < MAX_REMEMBERED) remembered.set(name, kind)
    return kind
  }
}
