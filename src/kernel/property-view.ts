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
  /**
   * What becomes of an object or list that stands where the contract has neither, or the other: nobody knows what is in
   * it. Only the whole value cannot be taken out.
   */
  misplaced(root: boolean): PropertyVerdict
  /** How often the answer was `remove`. */
  readonly removed: number
  /** Set once the answer was `refuse`. */
  readonly denial: Denial | undefined
  /** The refusal of a value whose properties nobody can tell apart; undefined where it may pass nevertheless. */
  blind(): Denial | undefined
}
