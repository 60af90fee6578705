import type { Arrived, Channel, Reply } from './facts.ts'
import type { Trail } from './trail.ts'
import type { Denial } from './verdict.ts'

/** A request that listen refused: all that is known of it. */
export interface Rejected {
  readonly id: string
  readonly time: number
  readonly channel: Channel
  readonly peer: string
  readonly client: string
  readonly method: string
  readonly path: string
  readonly denial: Denial
  readonly trail: Trail
}

/** What a listener hands its requests to. */
export interface Door {
  /** Never rejects: a fault is a refusal. */
  enter(arrived: Arrived): Promise<Reply>
  /** Judges a call that another data plane asks about, and forwards nothing: 200, or what the caller is to get. */
  decide(arrived: Arrived): Promise<Reply>
  /** The reply to a request that is not well-formed; also puts it on record. */
  reject(rejected: Rejected): Reply
}
