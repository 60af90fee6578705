import type { PlaceDecision, PlaceStore } from '../../kernel/limit-store.ts'
import { sharedArrays } from './arrays.ts'
import { TimeTable } from './time-table.ts'

export interface SharedPlaceStore extends PlaceStore {
  acquire(key: string, most: number, holder: string, leaseMs: number, now: number): PlaceDecision
  release(key: string, holder: string, now: number): void
  /** Gives back all that a thread held. */
  leave(owner: number): void
}

export interface SharedPlacesOptions {
  readonly memory: SharedArrayBuffer
  /** Places that are held at once, a power of two; as `placeBytes` was asked for. */
  readonly capacity: number
  readonly seed: readonly [number, number]
  /** The thread that holds what is taken here. */
  readonly owner: number
}

/** Bytes that so many places take. */
export function placeBytes(capacity: number): number {
  return capacity * (16 + 16 + 8 + 4 + 4 + 4) + 64
}

/**
 * Places in fixed memory that threads share; to be used under one lock. A key has a count, each place an entry with its end.
 * Where there is no room for either, no place is given. The count may be too high, never too low: after a thread died in the
 * middle, or where leases ended; it is counted anew where that could let somebody in.
 */
export function createSharedPlaces(options: SharedPlacesOptions): SharedPlaceStore {
  const { memory, capacity, seed, owner } = options
  // Two tables, then what belongs to their slots.
  const keys = new TimeTable(capacity, seed, 'refuse', memory)
  const rest = sharedArrays(memory)
  rest.float64(capacity * 2)
  const holders = new TimeTable(capacity, seed, 'refuse', memory, capacity * 16)
  rest.float64(capacity * 2)
  /** By key: when the first lease could end. */
  const firstEnds = rest.float64(capacity)
  /** By key: places held, as far as known. */
  const counts = rest.uint32(capacity)
  /** By holder: slot of the key, and the thread. */
  const keyOf = rest.uint32(capacity)
  const ownerOf = rest.uint32(capacity)
  const nameOf = (key: string, holder: string): string => `${key.length}:${key}${holder}`

  function recount(slot: number, now: number): void {
    let count = 0
    let first = Number.POSITIVE_INFINITY
    for (let at = 0; at < capacity; at++) {
      if (keyOf[at] !== slot) continue
      const until = holders.untilAt(at)
      if (until <= now) continue
      count++
      if (until < first) first = until
    }
    counts[slot] = count
    firstEnds[slot] = first
  }

  function drop(at: number): void {
    const slot = keyOf[at] ?? 0
    holders.freeAt(at)
    const left = (counts[slot] ?? 1) - 1
    counts[slot] = Math.max(0, left)
    if (left <= 0) keys.freeAt(slot)
  }

  return {
    acquire(key, most, holder, leaseMs, now) {
      const until = now + leaseMs
      const name = nameOf(key, holder)
      const held = holders.seek(name) > now
      const keyUntil = keys.seek(key)
      let slot = keys.slot
      if (keyUntil <= now) {
        // Nobody holds a place: whatever was counted here has ended.
        if (most < 1) return { allowed: false, remaining: 0 }
        if (keys.place(until, now) > 0) return { allowed: false, remaining: 0 }
        slot = keys.slot
        counts[slot] = 0
        firstEnds[slot] = until
      }
      if ((counts[slot] ?? 0) >= most && !held && (firstEnds[slot] ?? 0) <= now) recount(slot, now)
      const count = counts[slot] ?? 0
      if (!held) {
        if (count >= most) return { allowed: false, remaining: 0 }
        // First the count: who dies between the two has taken a place, not given one away.
        counts[slot] = count + 1
        if (holders.place(until, now) > 0) {
          counts[slot] = count
          if (count === 0) keys.freeAt(slot)
          return { allowed: false, remaining: 0 }
        }
        keyOf[holders.slot] = slot
        ownerOf[holders.slot] = owner
      } else holders.place(until, now)
      if (until < (firstEnds[slot] ?? 0)) firstEnds[slot] = until
      if (until > keyUntil) {
        keys.seek(key)
        keys.place(until, now)
      }
      return { allowed: true, remaining: Math.max(0, most - (counts[slot] ?? 0)) }
    },
    release(key, holder, now) {
      if (holders.seek(nameOf(key, holder)) > now) drop(holders.slot)
    },
    leave(dead) {
      for (let at = 0; at < capacity; at++)
        if (ownerOf[at] === dead && holders.untilAt(at) > 0) {
          drop(at)
          ownerOf[at] = 0
        }
    },
  }
}
