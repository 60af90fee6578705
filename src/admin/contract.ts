import type { AuditEvent } from '../kernel/event.ts'

/** What the admin API answers: the console imports these types and nothing else. */

/** `GET /api/v1/events` */
export interface EventsReply {
  /** Newest first. */
  readonly events: readonly AuditEvent[]
  /** Pass as `before` for the next page; null at the end. */
  readonly next: string | null
}

/** Something that was noticed in the patterns of calls. */
export interface FindingReply {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly kind: string
  readonly subject: { readonly kind: string; readonly key: string }
  /** 0 to 1. */
  readonly score: number
  /** One sentence. */
  readonly summary: string
  readonly evidence: Readonly<Record<string, number | string>>
  /** Request ids of the last calls that made it. */
  readonly events: readonly string[]
}

/** `GET /api/v1/findings` */
export interface FindingsReply {
  readonly findings: readonly FindingReply[]
}

export interface BlockReply {
  readonly subject: { readonly kind: string; readonly key: string }
  readonly kind: string
  /** Milliseconds since the epoch. */
  readonly until: number
}

/** `GET /api/v1/blocks` */
export interface BlocksReply {
  readonly blocks: readonly BlockReply[]
}

/** `GET /healthz` */
export interface HealthReply {
  readonly status: 'ok'
}

/** `GET /readyz`; 503 where `ready` is false. */
export interface ReadinessReply {
  readonly ready: boolean
  readonly reasons: readonly string[]
}

/** Every refusal (RFC 9457). */
export interface ProblemReply {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  /** The request id, also in `X-Request-Id`. */
  readonly instance: string
  /** For `ADMIN_QUERY`: which query parameters are wrong, and how. */
  readonly errors?: readonly { readonly parameter: string; readonly code: string }[]
}
