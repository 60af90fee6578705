import type { ObjectRef } from './object-ref.ts'
import type { PropertyView } from './property-view.ts'
import type { ReplyProof } from './reply-proof.ts'
import type { ReplyRelease } from './reply-release.ts'

export type { ObjectRef }

/** What authorize allows; inspect and screen enforce it. */
export interface Grant {
  readonly objects: readonly ObjectRef[]
  /** What only the reply can prove; nothing leaves before it has. */
  readonly proof?: ReplyProof
  /** Guarded properties of the reply. */
  readonly read?: PropertyView
  /** Guarded properties of the body. */
  readonly write?: PropertyView
  /** Told of the reply that leaves, last of all. */
  readonly release?: ReplyRelease
}

export const emptyGrant: Grant = Object.freeze({ objects: Object.freeze([]) })
