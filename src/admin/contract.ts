import type { AuditEvent } from '../kernel/event.ts'

/** What the admin API answers: the console imports these types and nothing else. */

/** `GET /api/v1/events` */
export interface EventsReply {
  /** Newest first. */
  readonly events: readonly AuditEvent[]
  /** Pass as `before` for the next page; null at the end. */
  readonly next: string | null
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
