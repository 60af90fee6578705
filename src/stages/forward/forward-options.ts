import type { Operation } from '../../kernel/operation.ts'
import type { Assertion } from './identity.ts'
import type { FrameLimits } from './websocket-frames.ts'

/** Milliseconds. Every wait for the upstream ends; a wait that runs out is `FORWARD_TIMEOUT` (504). */
export interface Timeouts {
  /** Until a connection is there: queue, name look-up, TCP and TLS. Default 2,000. */
  readonly connectMs?: number
  /** From the last byte of the request to the end of the reply head. Default 10,000. */
  readonly headMs?: number
  /** Between two bytes of a body, either way, while the gateway is ready for more. Default 30,000. */
  readonly idleBodyMs?: number
  /** The whole exchange. Event streams and tunnels have no such end. Default 300,000. */
  readonly totalMs?: number
  /** How long an unused connection is kept. Default 4,000: below the 5,000 many servers close at. */
  readonly keepAliveMs?: number
}

/** How the upstream proves who it is (https only). The certificate is verified unless `insecure` is set. */
export interface UpstreamTls {
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string | readonly string[]
  /** Name to ask for and to verify, where it is not the host of the URL. */
  readonly servername?: string
  /** Accepts any certificate: an open door; whoever sets it must name it at start. */
  readonly insecure?: boolean
}

/**
 * What becomes of the caller's credential (RFC 9700 section 4.9.1): `strip` removes it, `assert` puts the
 * gateway's assertion in its place as a bearer token, `forward` leaves it where it is.
 */
export type Credentials = 'forward' | 'strip' | 'assert'

/** One API's upstream. */
export interface ForwardOptions {
  /** `http:` or `https:`; a path is the base of all paths. No credentials, query or fragment. */
  readonly url: string
  /** A Unix-domain socket (Windows: a named pipe) to connect to instead; the URL then only names the server. */
  readonly socketPath?: string
  readonly timeouts?: Timeouts
  /** Default `strip`. */
  readonly credentials?: Credentials
  /** Lower-case fields that may hold the caller's credential. Default `authorization` and `dpop`. */
  readonly credentialFields?: readonly string[]
  /** Whether cookies of the gateway's own pages are sent on. Default `strip`; `forward` is for the authorization server. */
  readonly ownCookies?: 'strip' | 'forward'
  /** 0 or 1 (default): repeats of an idempotent call that got no byte of a reply. */
  readonly retries?: 0 | 1
  /** Share of all calls that may be repeated. Default 0.1. */
  readonly retryShare?: number
  /** Connections at once. Default 256. */
  readonly maxConnections?: number
  /** Calls that may wait for a connection; more are `LIMIT_OVERLOAD`. Default 1,024. */
  readonly maxQueue?: number
  /** WebSocket tunnels open at once. Default 1,024. */
  readonly maxTunnels?: number
  readonly tls?: UpstreamTls
  /** Signs `Sallyport-Identity`; undefined switches it off. */
  readonly identity?: Assertion | undefined
  /** Name of this gateway in `Via`. Default `sallyport`. */
  readonly pseudonym?: string
  /** A request that carries the pseudonym more often than this is `LISTEN_LOOP`. Default 3. */
  readonly maxLoops?: number
  /** Host (and port) that callers know; what is told as `X-Forwarded-Host`. Default: what they asked for. */
  readonly publicAuthority?: string
  /** `identity` (default) asks for replies that can be screened; `forward` passes the caller's wish on. */
  readonly acceptEncoding?: 'identity' | 'forward'
  /** Removed from the front of the path before the base path is added. */
  readonly stripPrefix?: string
  /** Hosts a reply may redirect to. Default: any; the upstream's own origin is always rewritten. */
  readonly redirectHosts?: readonly string[]
  /** Which traces the gateway keeps; undefined: it keeps none itself. */
  readonly keepsTrace?: ((traceId: string) => boolean) | undefined
  /** True for operations that may become a WebSocket. Default: none. */
  readonly webSocket?: (operation: Operation) => boolean
  /** What may pass a WebSocket. */
  readonly frameLimits?: FrameLimits
}
