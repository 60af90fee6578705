import { windowParts } from '../../kernel/limit-store.ts'
import { pairBytes } from './pair-table.ts'
import { randomSeed } from './random-seed.ts'
import { lockWords } from './shared-lock.ts'
import { placeBytes } from './shared-places.ts'

/** Locks, in the order of their words. */
export const locks = {
  rates: 0,
  windows: 1,
  quotas: 2,
  places: 3,
  connections: 4,
  replays: 5,
  ledger: 6,
  taint: 7,
  flows: 8,
} as const

/** How many keys each table holds; powers of two. */
export interface SharedSizes {
  readonly rates: number
  readonly windows: number
  readonly quotas: number
  readonly places: number
  readonly connections: number
  readonly replays: number
  /** Objects of the ledger, and their holders. */
  readonly objects: number
  readonly holders: number
  /** Destinations that callers know from texts, and callers. */
  readonly destinations: number
  readonly scopes: number
  /** Callers in flows. */
  readonly flows: number
}

/** As large as the tables of one thread; pages that are never written take no memory. */
const usualSizes: SharedSizes = {
  rates: 1 << 20,
  windows: 1 << 17,
  quotas: 1 << 17,
  places: 1 << 16,
  connections: 1 << 17,
  replays: 1 << 18,
  objects: 1 << 21,
  holders: 1 << 17,
  destinations: 1 << 18,
  scopes: 1 << 16,
  flows: 1 << 16,
}

/** What the threads of one gateway have in common. Goes to a thread as it is: only the memory is shared, the rest is copied. */
export interface SharedMemory {
  readonly sizes: SharedSizes
  /** Seconds since the epoch from which short times count. */
  readonly since: number
  /** Two secret words that key the hashes of all tables. */
  readonly seed: readonly [number, number]
  readonly locks: SharedArrayBuffer
  readonly tables: Readonly<Record<keyof typeof locks, SharedArrayBuffer>>
}

/** Steps of the longest flow that a configuration may have. */
export const mostSteps = 32

/** Bytes of a slot of `CountTable`. */
const countBytes = 20

export function createSharedMemory(
  sizes: SharedSizes = usualSizes,
  since: number = Math.floor(Date.now() / 1000) - 1,
): SharedMemory {
  const table = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes)
  return {
    sizes,
    since,
    seed: randomSeed(),
    locks: table(Object.keys(locks).length * lockWords * 4),
    tables: {
      rates: table(sizes.rates * 16),
      windows: table(sizes.windows * (countBytes + 4 * (windowParts + 1) + 8) + 64),
      quotas: table(sizes.quotas * (countBytes + 8) + 64),
      places: table(placeBytes(sizes.places)),
      connections: table(placeBytes(sizes.connections)),
      replays: table(sizes.replays * 16),
      flows: table(sizes.flows * (countBytes + mostSteps * 8 + 4) + 64),
      taint: table(pairBytes(sizes.destinations, sizes.scopes)),
      ledger: table(pairBytes(sizes.objects, sizes.holders)),
    },
  }
}
