import type { ReplyContract } from './operation.ts'
import type { Denial } from './verdict.ts'

/** A parsed reply as its judge sees it. */
export interface ParsedReply {
  /** What the contract says about it; undefined where nothing. */
  readonly contract: ReplyContract | undefined
  /** Parsed with ordinary numbers. */
  readonly value: unknown
  /** The same structure with exact numbers; the same value where all are exact. */
  readonly exact: unknown
  /** True for a reply that reports an error: it need not show the object that was asked for. */
  readonly failed?: boolean
}

/** Why a reply can prove nothing. */
export type Unproven = 'missing' | 'not JSON' | 'no body'

/** What authorize could not decide without the reply of this call. Screen asks before a byte leaves. */
export interface ReplyProof {
  /** True where it is enforced, so that nothing may leave that the contract does not place. */
  readonly enforced: boolean
  /** Judges a reply that is successful, or whose contract has objects. What is filtered is removed in place, from both values. */
  judge(reply: ParsedReply): Denial | { readonly removed: number }
  /** The refusal of a reply that cannot be judged; undefined where it may leave as it is. */
  unproven(why: Unproven): Denial | undefined
}
