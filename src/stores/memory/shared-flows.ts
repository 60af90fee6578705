import type { FlowMemory } from '../../kernel/flow-memory.ts'
import { sharedArrays } from './arrays.ts'
import { CountTable } from './count-table.ts'
import { SharedLock } from './shared-lock.ts'
import { locks, mostSteps, type SharedMemory } from './shared-memory.ts'

/** How long a caller is known who does nothing: longer than any step waits for the one before it. */
const keptMs = 31 * 24 * 3_600_000

/** Flows of callers in memory that threads share; `owner`: number of this thread, not 0, never used twice. */
export function createSharedFlows(memory: SharedMemory, owner: number): FlowMemory {
  const arrays = sharedArrays(memory.tables.flows)
  const table = new CountTable(memory.sizes.flows, memory.seed, arrays)
  const done = arrays.float64(table.capacity * mostSteps)
  const steps = arrays.uint32(table.capacity)
  const lock = new SharedLock(memory.locks, locks.flows, owner)
  return {
    at(key, index) {
      lock.acquire()
      try {
        const place = table.seek(key, Date.now())
        return place < 0 || index >= (steps[place] ?? 0) ? 0 : (done[place * mostSteps + index] ?? 0)
      } finally {
        lock.release()
      }
    },
    note(key, count, index, at) {
      if (count > mostSteps) return
      const now = Date.now()
      lock.acquire()
      try {
        let place = table.seek(key, now)
        if (place < 0 || steps[place] !== count) {
          if (place < 0) place = table.place(now)
          done.fill(0, place * mostSteps, (place + 1) * mostSteps)
          steps[place] = count
        }
        done[place * mostSteps + index] = at
        // Whoever did nothing for longest is forgotten first.
        table.keep(place, now + keptMs, at / 1000 - memory.since)
      } finally {
        lock.release()
      }
    },
    take(key, index, at) {
      lock.acquire()
      try {
        const place = table.seek(key, Date.now())
        if (place < 0 || index >= (steps[place] ?? 0)) return false
        if (done[place * mostSteps + index] !== at) return false
        done[place * mostSteps + index] = 0
        return true
      } finally {
        lock.release()
      }
    },
    get forgotten() {
      return table.forgotten
    },
  }
}
