import type { Denial } from './verdict.ts'

/** What becomes of a guarded property: it stays, it is taken out, or the whole value is refused. */
export type PropertyVerdict = 'pass' | 'remove' | 'refuse'

/**
 * Which guarded properties one call may read, or write. Contract knows where they stand and asks; authorize answers.
 * Guards are numbered as in `ContractOptions.guarded`.
 */
export interface PropertyView {
  /** `object` is what the property stands in, with exact numbers; `root`: it is the whole value. */
  decide(guard: number, object: object, root: boolean): PropertyVerdict
  /** How often `decide` has answered `remove`. */
  readonly removed: number
  /** Set once `decide` has answered `refuse`. */
  readonly denial: Denial | undefined
  /** The refusal of a value whose properties nobody can tell apart; undefined where it may pass nevertheless. */
  blind(): Denial | undefined
}
