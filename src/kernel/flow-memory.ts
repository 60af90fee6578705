/**
 * Where callers are in their flows: a key is a caller in one flow. Answers at once. Bounded: those who did nothing for longest
 * are forgotten, and begin again. Times are milliseconds since the epoch.
 */
export interface FlowMemory {
  /** When a step was last completed; 0: not, or taken by the step after it. */
  at(key: string, index: number): number
  /** A step was completed, of a flow of so many. */
  note(key: string, steps: number, index: number, at: number): void
  /** Takes a step that was completed then; false where somebody has taken or completed it meanwhile. */
  take(key: string, index: number, at: number): boolean
  /** Callers that were forgotten in the middle of a flow. */
  readonly forgotten: number
}
