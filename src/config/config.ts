import type { ApiConfig } from './types/api-config.ts'
import type { AuthorityConfig, IdentityConfig } from './types/authority-config.ts'
import type { BoundConfig, OverloadConfig, StoreConfig, TimeoutConfig } from './types/gateway-config.ts'
import type { ApiKeyConfig, CertificatesConfig, IssuerConfig } from './types/identity-config.ts'
import type { AdminConfig, ListenConfig } from './types/listen-config.ts'
import type { AnomalyConfig, AuditConfig, LogConfig, TracesConfig } from './types/record-config.ts'
import type { SealingConfig } from './types/security-config.ts'

/**
 * `sallyport.yaml`, read: defaults filled, paths absolute, durations in milliseconds, sizes in bytes. Deep-frozen.
 * Every `pointer` is the JSON pointer of the entry in the file, for `LoadedConfig.place`.
 */
export interface Config {
  readonly listen: readonly ListenConfig[]
  readonly admin: AdminConfig | undefined
  /** Canonical CIDR blocks. */
  readonly trustedProxies: readonly string[]
  /** Threads that serve calls; 1: the main thread does. */
  readonly workers: number
  /** Absolute name of the folder for what the gateway makes itself: development certificates, keys. */
  readonly state: string
  readonly store: StoreConfig
  readonly timeouts: TimeoutConfig
  readonly bounds: BoundConfig
  readonly log: LogConfig
  readonly overload: OverloadConfig
  readonly issuers: readonly IssuerConfig[]
  /** API keys that the gateway issues; undefined where there are none. */
  readonly keys: ApiKeyConfig | undefined
  /** Callers by client certificate; undefined where there are none. */
  readonly certificates: CertificatesConfig | undefined
  /** The embedded authorization server; undefined where there is none. */
  readonly authority: AuthorityConfig | undefined
  /** Keys of sealed ids; undefined: one is made in the state folder. */
  readonly sealing: SealingConfig | undefined
  /** Keys that sign what upstreams are told of callers. */
  readonly identity: IdentityConfig
  /** What is noticed beside what single calls show. */
  readonly anomalies: AnomalyConfig
  /** Where audit events go beside the durable store, and how long they are kept. */
  readonly audit: AuditConfig
  /** OpenTelemetry traces; undefined: none. */
  readonly traces: TracesConfig | undefined
  readonly apis: readonly ApiConfig[]
}
