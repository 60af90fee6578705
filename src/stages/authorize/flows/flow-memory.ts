/** How far one caller got in one flow. */
export interface FlowProgress {
  /** When each step was last completed, in milliseconds since the epoch; 0: not, or taken by the step after it. */
  readonly done: number[]
}

/** Where callers are in their flows. Bounded: those who did nothing for longest are forgotten, and begin again. */
export interface FlowMemory {
  get(key: string): FlowProgress | undefined
  /** The same, made where there is none. */
  touch(key: string, steps: number): FlowProgress
  /** Callers that were forgotten in the middle of a flow. */
  readonly forgotten: number
}

/** `capacity`: callers in flows at once; about 200 bytes each. */
export function createFlowMemory(capacity = 65_536): FlowMemory {
  const kept = new Map<string, FlowProgress>()
  let forgotten = 0
  return {
    get: (key) => kept.get(key),
    touch(key, steps) {
      const known = kept.get(key)
      const progress =
        known !== undefined && known.done.length === steps
          ? known
          : { done: new Array<number>(steps).fill(0) }
      // Moved to the end: the first is who did nothing for longest.
      kept.delete(key)
      kept.set(key, progress)
      if (kept.size > capacity) {
        const [oldest] = kept.keys()
        if (oldest !== undefined) kept.delete(oldest)
        forgotten++
      }
      return progress
    },
    get forgotten() {
      return forgotten
    },
  }
}
