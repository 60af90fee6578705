import type { Rejected } from '../../kernel/door.ts'
import type { Answered, Authorized, Identified, Matched, Progress } from '../../kernel/facts.ts'
import { emptyGrant, type ObjectRef } from '../../kernel/grant.ts'
import type { Operation } from '../../kernel/operation.ts'
import { anonymous, type Principal } from '../../kernel/principal.ts'
import type { Trail } from '../../kernel/trail.ts'
import type { Denial } from '../../kernel/verdict.ts'
import type { Looked } from './inventory/looked.ts'
import type { Traced } from './traces/traced.ts'

/** What a call cost. */
export interface Sizes {
  readonly bytesIn: number
  readonly bytesOut: number
  readonly durationMs: number
}

/**
 * The raw facts of one call as they wait in the queue. It holds no fact object: those keep bodies alive.
 */
export interface Entry {
  readonly sequence: number
  readonly time: number
  readonly id: string
  readonly traceId: string
  readonly principal: Principal
  readonly address: string
  readonly peer: string
  readonly protocol: string
  readonly secure: boolean
  readonly method: string
  readonly path: string
  readonly operation: Operation | undefined
  readonly objects: readonly ObjectRef[]
  readonly status: number
  readonly denial: Denial | undefined
  readonly trail: Trail
  /** Monotonic ms at which the call was over: the end of its last stage. */
  readonly end: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly duration: number
  readonly upstreamStatus: number | undefined
  /** Set where the call's trace is kept. */
  readonly traced: Traced | undefined
  /** What the inventory took of it. */
  readonly looked: Looked | undefined
}

/** The facts of a call that reached the flow. */
export function entryOf(
  progress: Progress,
  status: number,
  denial: Denial | undefined,
  sizes: Sizes,
  sequence: number,
  end: number,
  traced?: Traced,
  looked?: Looked,
): Entry {
  const { channel } = progress
  const grant = (progress as Partial<Authorized>).grant ?? emptyGrant
  return {
    sequence,
    time: progress.time,
    id: progress.id,
    traceId: progress.traceId,
    principal: (progress as Partial<Identified>).principal ?? anonymous,
    address: progress.client,
    peer: progress.peer,
    protocol: channel.protocol,
    secure: channel.secure,
    method: progress.method,
    path: progress.path,
    operation: (progress as Partial<Matched>).operation,
    objects: denial?.objects ?? grant.objects,
    status,
    denial,
    trail: progress.trail,
    end,
    bytesIn: sizes.bytesIn,
    bytesOut: sizes.bytesOut,
    duration: sizes.durationMs,
    upstreamStatus: (progress as Partial<Answered>).answer?.status,
    traced,
    looked,
  }
}

/** The facts of a request that listen refused. */
export function entryOfRejected(rejected: Rejected, status: number, sequence: number, end: number): Entry {
  return {
    sequence,
    time: rejected.time,
    id: rejected.id,
    traceId: '',
    principal: anonymous,
    address: rejected.client,
    peer: rejected.peer,
    protocol: rejected.channel.protocol,
    secure: rejected.channel.secure,
    method: rejected.method,
    path: rejected.path,
    operation: undefined,
    objects: emptyGrant.objects,
    status,
    denial: rejected.denial,
    trail: rejected.trail,
    end,
    bytesIn: 0,
    bytesOut: 0,
    duration: Math.max(0, Date.now() - rejected.time),
    upstreamStatus: undefined,
    traced: undefined,
    looked: undefined,
  }
}
