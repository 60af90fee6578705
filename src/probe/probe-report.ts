import type { ProbeFinding } from './probe-finding.ts'
import type { ProbeStopped } from './probe-stopped.ts'
import type { JournalEntry } from './state/journal.ts'

/** What one run of the probe found and did. */
export interface ProbeReport {
  readonly api: string
  /** Origin and address that everything was sent to. */
  readonly target: string
  readonly address: string
  readonly findings: readonly ProbeFinding[]
  readonly identities: readonly string[]
  /** Makes the same values again. */
  readonly seed: number
  readonly write: boolean
  readonly operations: number
  /** Operations that answered at least one identity. */
  readonly answered: number
  /** Titles of operations that were not tried, and why. */
  readonly untried: readonly { readonly operation: string; readonly reason: string }[]
  readonly requests: number
  readonly seconds: number
  readonly throttled: number
  /** Undefined where it went to its end. */
  readonly stopped: ProbeStopped['reason'] | undefined
  readonly made: number
  /** What could not be taken away. */
  readonly left: readonly JournalEntry[]
  readonly journal: string | undefined
  /** What the reader should know: an identity that is refused everywhere, a change under the probe. */
  readonly remarks: readonly string[]
}
