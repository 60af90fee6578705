import type { FlowMemory } from '../../../kernel/flow-memory.ts'

/** The memory of one thread. `capacity`: callers in flows at once; about 200 bytes each. */
export function createFlowMemory(capacity = 65_536): FlowMemory {
  /** Key → when each step was completed. */
  const kept = new Map<string, number[]>()
  let forgotten = 0
  return {
    at: (key, index) => kept.get(key)?.[index] ?? 0,
    note(key, steps, index, at) {
      const known = kept.get(key)
      const done = known !== undefined && known.length === steps ? known : new Array<number>(steps).fill(0)
      done[index] = at
      // Moved to the end: the first is who did nothing for longest.
      kept.delete(key)
      kept.set(key, done)
      if (kept.size <= capacity) return
      const [oldest] = kept.keys()
      if (oldest !== undefined) kept.delete(oldest)
      forgotten++
    },
    take(key, index, at) {
      const done = kept.get(key)
      if (done === undefined || done[index] !== at) return false
      done[index] = 0
      return true
    },
    get forgotten() {
      return forgotten
    },
  }
}
