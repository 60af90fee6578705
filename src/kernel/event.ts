import type { ObjectRef } from './grant.ts'
import type { CredentialKind } from './principal.ts'
import type { ProblemCode } from './problem.ts'
import type { Note, Stage } from './trail.ts'

/** What stands for the personal members of an event that was erased. */
export const nobody = {
  sub: '',
  credential: '',
  address: '',
  peer: '',
  path: '',
  objects: [],
} as const

/** The audit event: one a call, whatever happened. No secret, no body, no query. */
export interface AuditEvent {
  /** Milliseconds since the epoch. */
  readonly time: number
  /** Monotonic within the process. */
  readonly sequence: number
  /** Request id. */
  readonly id: string
  readonly traceId: string
  readonly issuer: string
  readonly sub: string
  readonly client: string | undefined
  readonly credential: string
  readonly credentialKind: CredentialKind
  /** What the caller was allowed and was: for judging the call again. Absent in events of before, and where nobody was. */
  readonly scopes?: readonly string[]
  readonly roles?: readonly string[]
  /** Caller's address. */
  readonly address: string
  readonly peer: string
  readonly protocol: string
  readonly secure: boolean
  readonly method: string
  /** Canonical path without query; empty where the request never had one. */
  readonly path: string
  readonly api: string
  readonly operation: string
  readonly objects: readonly ObjectRef[]
  readonly status: number
  readonly code: ProblemCode | undefined
  /** Why it was refused, for the operator. */
  readonly reason: string | undefined
  readonly notes: readonly Note[]
  /** Stage → microseconds. */
  readonly stages: readonly (readonly [Stage, number])[]
  readonly bytesIn: number
  readonly bytesOut: number
  /** Milliseconds. */
  readonly duration: number
  readonly upstreamStatus: number | undefined
  readonly failedOpen: number
}
