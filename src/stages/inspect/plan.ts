import type { Mode } from '../../kernel/mode.ts'

/** What inspect does for one operation. */
export interface InspectPlan {
  /** Mode of the `schema` control. */
  readonly schema: Mode
  /** Bytes of a body that is read whole, after inflation. */
  readonly maxBytes: number
  /** Bytes of a body that is streamed. */
  readonly maxStreamBytes: number
  /** Nesting of JSON. */
  readonly depth: number
}
