import type { Outgoing } from '../../kernel/body.ts'

/** What became of a body: `coded` while the upstream's content coding is still on it. */
export interface ScreenedBody {
  readonly body: Outgoing
  readonly coded: boolean
  /** Set where the body was replaced. */
  readonly mediaType?: string
  /** Fields for the reply, flat name and value pairs. */
  readonly fields?: readonly string[]
  /** True where texts were changed: what speaks of the upstream's octets is not true any more. */
  readonly rewritten?: boolean
}
