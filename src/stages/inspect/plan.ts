import type { Admitted } from '../../kernel/facts.ts'
import type { Mode } from '../../kernel/mode.ts'
import type { MediaKind } from '../../kernel/operation.ts'
import type { Denial } from '../../kernel/verdict.ts'
import type { InjectionPlan } from './injection/scan-request.ts'

/** What inspect does for one operation. */
export interface InspectPlan {
  /** Mode of the `schema` control. */
  readonly schema: Mode
  readonly injection: InjectionPlan
  /** Bytes of a body that is read whole, after inflation. */
  readonly maxBytes: number
  /** Bytes of a body that is streamed. */
  readonly maxStreamBytes: number
  /** Nesting of JSON. */
  readonly depth: number
  /** Puts the upstream's own ids in the place of sealed ones, before anybody judges the body. */
  readonly open?: (call: Admitted, kind: MediaKind, bytes: Uint8Array, depth: number) => Uint8Array | Denial
}
