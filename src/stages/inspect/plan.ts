import type { Admitted } from '../../kernel/facts.ts'
import type { Mode } from '../../kernel/mode.ts'
import type { MediaContract } from '../../kernel/operation.ts'
import type { Denial } from '../../kernel/verdict.ts'
import type { GraphqlLimits } from '../../media/graphql.ts'
import type { InjectionPlan } from './injection/scan-request.ts'

/** What the parts of one body may measure. */
export interface BodySizes {
  /** Members of one JSON object. */
  readonly keys: number
  /** Elements of one JSON array. */
  readonly items: number
  /** UTF-16 units of one JSON string, as written. */
  readonly string: number
  /** Characters of one JSON number, as written. */
  readonly digits: number
  /** Parts of a multipart body. */
  readonly parts: number
}

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
  /** Sizes inside one body; the contract may let in more by number. */
  readonly sizes?: BodySizes
  /** The operation takes GraphQL: what one request may ask for. */
  readonly graphql?: GraphqlLimits
  /** Puts the upstream's own ids in the place of sealed ones, before anybody judges the body. */
  readonly open?: (
    call: Admitted,
    media: Pick<MediaContract, 'kind' | 'range'>,
    bytes: Uint8Array,
    depth: number,
  ) => Uint8Array | Denial
}
