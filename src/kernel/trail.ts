import type { ProblemCode } from './problem.ts'

export type Stage =
  | 'listen'
  | 'match'
  | 'identify'
  | 'authorize'
  | 'limit'
  | 'inspect'
  | 'forward'
  | 'screen'
  | 'record'
  | 'gateway'

/** What one check said about one call. */
export interface Note {
  readonly stage: Stage
  /** `authorize.object`, `limit.rate` … */
  readonly check: string
  readonly verdict: 'allow' | 'deny' | 'abstain'
  readonly code: ProblemCode | undefined
  /** True when the check only watches: `deny` here did not refuse the call. */
  readonly observed: boolean
  readonly reason: string | undefined
  /** Microseconds since the check or the beginning of the stage before; in events, where it is known. */
  readonly micros?: number
}

/** Append-only notes and stage times of one call. Stages write, record reads. */
export class Trail {
  readonly notes: Note[] = []
  /** Monotonic time in ms of each note. */
  readonly marks: number[] = []
  /** Stage names with the monotonic time in ms at which each began, flat. */
  readonly times: (Stage | number)[] = []
  /** Checks that broke and whose configuration let the call pass. */
  failedOpen = 0

  /** Span id under which the upstream was called: what it traces hangs below. */
  upstreamSpan: string | undefined = undefined

  /** The stage the call is in. */
  stage: Stage = 'listen'

  enter(stage: Stage): void {
    this.stage = stage
    this.times.push(stage, performance.now())
  }

  note(
    stage: Stage,
    check: string,
    verdict: Note['verdict'],
    code?: ProblemCode,
    reason?: string,
    observed = false,
  ): void {
    this.notes.push({ stage, check, verdict, code, observed, reason })
    this.marks.push(performance.now())
  }
}
