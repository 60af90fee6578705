import type { Secret } from '../secret.ts'

export interface AuditConfig {
  readonly sinks: readonly AuditSinkConfig[]
  /** Milliseconds, events, bytes; undefined: no bound. */
  readonly retention: {
    readonly age: number | undefined
    readonly events: number | undefined
    readonly size: number | undefined
  }
  readonly pointer: string
}

interface AuditSinkCommon {
  /** In metrics and messages; no two have the same. */
  readonly name: string
  readonly format: 'events' | 'ocsf'
  /** Events in one write. */
  readonly batch: number
  /** Events that may wait. */
  readonly queue: number
  readonly pointer: string
}

/** An http URL is only there where it may be plain. Header names are lower-case; file names absolute. */
export type AuditSinkConfig = AuditSinkCommon &
  (
    | { readonly kind: 'stdout' }
    | {
        readonly kind: 'file'
        readonly file: string
        readonly rotate: { readonly bytes: number; readonly ageMs: number; readonly keep: number } | undefined
      }
    | {
        readonly kind: 'syslog'
        readonly protocol: 'tls' | 'tcp' | 'udp'
        readonly host: string
        readonly port: number
        readonly facility: SyslogFacility
        readonly authorities: string | undefined
        readonly certificate: string | undefined
        readonly key: string | undefined
      }
    | {
        readonly kind: 'otlp'
        readonly url: string
        readonly plain: boolean
        readonly headers: ReadonlyMap<string, Secret>
      }
    | {
        readonly kind: 'webhook'
        readonly url: string
        readonly plain: boolean
        readonly headers: ReadonlyMap<string, Secret>
        readonly secret: Secret | undefined
      }
  )

export type SyslogFacility =
  | 'daemon'
  | 'auth'
  | 'syslog'
  | 'authpriv'
  | 'audit'
  | `local${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7}`

export interface TracesConfig {
  readonly url: string
  readonly plain: boolean
  readonly headers: ReadonlyMap<string, Secret>
  /** Share of traces that are kept, 0 to 1. */
  readonly ratio: number
  /** `respect`: a caller's own choice to sample counts, too. */
  readonly callers: 'ignore' | 'respect'
  readonly service: string
  readonly batch: number
  readonly queue: number
  readonly pointer: string
}

export interface AnomalyConfig {
  readonly watch: boolean
  /** Kind of finding → milliseconds for which its subject is refused. */
  readonly block: ReadonlyMap<string, number>
  /** Kind of finding → milliseconds for which its caller must have authenticated since. */
  readonly stepUp: ReadonlyMap<string, number>
  /** Kind of finding → milliseconds for which what its caller was issued before is refused. */
  readonly revoke: ReadonlyMap<string, number>
  readonly webhook: { readonly url: string; readonly secret: Secret | undefined } | undefined
  readonly pointer: string
}

export interface LogConfig {
  /** Where audit events go as JSON lines; a file name is absolute. */
  readonly events:
    | { readonly kind: 'stdout' | 'stderr' | 'none' }
    | { readonly kind: 'file'; readonly file: string }
}
