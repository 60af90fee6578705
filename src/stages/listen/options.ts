import type { ConnectionCap } from './address-load.ts'
import type { DecisionDialect } from './decision-request.ts'

/** TLS of one listener. Values are PEM text or paths of PEM files. */
export interface TlsOptions {
  readonly certificate: string
  readonly key: string
  /** Certificates that may sign client certificates; set, a client certificate is asked for. */
  readonly clientAuthorities?: string
  /** Certificate revocation lists of those authorities. */
  readonly clientRevocations?: string
}

export interface ListenerOptions {
  readonly host: string
  /** 0 lets the kernel choose. */
  readonly port: number
  /** `development` makes a local authority and a server certificate below `stateDirectory`. */
  readonly tls?: TlsOptions | 'development'
  /** Answers GET and HEAD with a 308 to HTTPS, everything else with 403. */
  readonly redirect?: 'https'
  /** Port callers are redirected to; the port of the first TLS listener where absent. */
  readonly redirectPort?: number
  /** Takes questions of another data plane in place of calls. */
  readonly decide?: DecisionDialect
  /** Other threads listen on the same port, and the kernel spreads connections over them. */
  readonly spread?: boolean
  /** Plain HTTP beyond loopback is an open door and must be written. */
  readonly plaintext?: 'allow'
}

export interface Limits {
  /** Request target, in octets. */
  readonly targetBytes: number
  readonly headerBytes: number
  readonly headerCount: number
  /** Milliseconds for a whole head. */
  readonly headTimeoutMs: number
  /** Slowest body: bytes per second, after the grace. */
  readonly bodyBytesPerSecond: number
  readonly bodyGraceMs: number
  /** Milliseconds for a whole request; 0 for no bound but the body's pace. */
  readonly requestTimeoutMs: number
  readonly keepAliveMs: number
  /** Per listener. */
  readonly maxConnections: number
  readonly maxConnectionsPerAddress: number
  /** The largest question of a data plane over gRPC: the call's head and body. */
  readonly questionBytes: number
  /** Streams at once on one HTTP/2 connection. */
  readonly maxStreams: number
  /** Streams the caller opens and cancels, or makes fail, per second before the connection ends. */
  readonly maxResetsPerSecond: number
}

export const defaultLimits: Limits = Object.freeze({
  targetBytes: 8000,
  headerBytes: 16 * 1024,
  headerCount: 100,
  headTimeoutMs: 10_000,
  bodyBytesPerSecond: 256,
  bodyGraceMs: 5000,
  requestTimeoutMs: 300_000,
  keepAliveMs: 60_000,
  maxConnections: 20_000,
  maxConnectionsPerAddress: 1000,
  questionBytes: 4 * 1024 * 1024,
  maxStreams: 100,
  maxResetsPerSecond: 200,
})

export interface ListenOptions {
  readonly listeners: readonly ListenerOptions[]
  /** Addresses and CIDR ranges whose forwarding fields count; nobody where absent. */
  readonly trustedProxies?: readonly string[]
  readonly limits?: Partial<Limits>
  /** Counts connections by address for several threads; of this thread alone where absent. */
  readonly load?: ConnectionCap
  /** Host names callers use, for redirects: never taken from the request unless it is one of these. */
  readonly hosts?: readonly string[]
  /** Where `tls: development` keeps its files, mode 0700. */
  readonly stateDirectory?: string
}
