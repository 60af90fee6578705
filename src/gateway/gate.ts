import type {
  Admitted,
  Answer,
  Answered,
  Arrived,
  Authorized,
  Identified,
  Input,
  Inspected,
  Matched,
  Progress,
  Reply,
  Screened,
} from '../kernel/facts.ts'
import type { Grant } from '../kernel/grant.ts'
import type { Operation } from '../kernel/operation.ts'
import type { Principal } from '../kernel/principal.ts'
import type { Denial } from '../kernel/verdict.ts'
import type { Match } from './match.ts'

/** A fact now, or a promise of it: a stage answers at once where it can. */
export type Soon<T> = T | Promise<T>

/** What limit proves. */
export type Admission = Pick<Admitted, 'settle' | 'limitFields'>

/** A server of the gateway's own, reached before any API: the embedded authorization server. */
export interface House {
  /** The call as its endpoint; a refusal where there is none, undefined where the path is not the server's. */
  claim(arrived: Arrived): Matched | Denial | undefined
  /** The server's answer, as it leaves, with what is known of the caller now. */
  run(matched: Matched): Promise<Screened | Denial>
}

/** The stages as `flow` calls them, in order. One gate is one policy; a reload makes a new gate. */
export interface Gate {
  readonly house?: House | undefined
  /** Replies the gate makes itself: well-known documents and preflights; undefined for all other calls. */
  readonly own: (arrived: Arrived) => Reply | undefined
  readonly match: Match
  /** Refuses what a page of a foreign origin may not do. */
  readonly origin: (matched: Matched) => Denial | undefined
  /**
   * What can refuse a call before anybody knows who calls: overload, and locks after failed authentications. What it
   * gives is called once with the status that the caller gets.
   */
  readonly enter?: ((matched: Matched) => Soon<((status: number) => void) | Denial | undefined>) | undefined
  readonly identify: { run(matched: Matched): Soon<Principal | Denial> }
  /** Puts the upstream's own ids in the place of sealed ones: everything behind it sees one call. */
  readonly open?: ((identified: Identified) => Identified | Denial) | undefined
  readonly authorize: {
    run(identified: Identified): Soon<Grant | Denial>
    /** Rules over the body, and what must be read before a write; the grant with the objects they name. */
    runInput(inspected: Inspected): Soon<Grant | Denial>
  }
  readonly limit: {
    run(authorized: Authorized): Soon<Admission | Denial>
    /** Limits whose key is in the body. */
    runInput(inspected: Inspected): Soon<Admission | Denial>
  }
  readonly inspect: {
    run(admitted: Admitted): Soon<Input | Denial>
    /** Enforces what the grant says about written properties. */
    runGrant(inspected: Inspected): Input | Denial
  }
  readonly forward: { run(inspected: Inspected): Soon<Answer | Denial> }
  /** True for operations that have no upstream: the gate answers them itself. */
  readonly isOwn?: ((operation: Operation) => boolean) | undefined
  readonly screen: { run(answered: Answered): Soon<Reply | Denial> }
  /** Adds what the call's origin may read (CORS). */
  readonly share: (arrived: Arrived, reply: Reply) => Reply
  /** Runs once a call, when its last byte has left or cannot; never throws. */
  readonly conclude: (reached: Progress, reply: Reply, denial: Denial | undefined) => void
}
