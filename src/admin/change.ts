import type { Visitor } from './visitor.ts'

/** Something that was changed by way of the admin API, or was tried to be. */
export interface AdminChange {
  readonly requestId: string
  readonly operationId: string
  readonly method: string
  /** Template. */
  readonly path: string
  /** Undefined: nobody that is known, who tried to get in. */
  readonly visitor: Visitor | undefined
  readonly address: string
  readonly status: number
  /** Code of `adminProblems`; undefined where it was done. */
  readonly code: string | undefined
  readonly target: { readonly type: string; readonly id: string } | undefined
  /** Roles that an account has from now on. */
  readonly roles: readonly string[]
  /** What the visitor wrote as its reason. */
  readonly reason: string | undefined
}
