import { createHash } from 'node:crypto'
import type { LedgerJournal, LedgerRow, LedgerStore } from '../../kernel/ledger-store.ts'
import { KeyedHash } from './keyed-hash.ts'
import { owned, shown } from './object-table.ts'
import { besideHolders, pairsIn } from './pair-table.ts'
import { SharedLock } from './shared-lock.ts'
import { locks, type SharedMemory } from './shared-memory.ts'
import { TimeTable } from './time-table.ts'

export interface SharedLedgerOptions {
  readonly memory: SharedMemory
  /** Number of this thread, not 0, never used twice. */
  readonly owner: number
  /** 16 secret bytes for the hashes: those of the journal, the same for all threads. */
  readonly secret: Uint8Array
  readonly journal?: LedgerJournal
  /** Objects of one holder. Default 6,144. */
  readonly perHolder?: number
  /** Objects of a holder that stands for everybody (its name begins with NUL). Default 786,432. */
  readonly forAll?: number
  readonly onFault?: (error: unknown) => void
  /** Milliseconds that changes wait to be written together. Default 100. */
  readonly batchMs?: number
}

export interface SharedLedger extends LedgerStore {
  /**
   * Another machine wrote about the holder of this digest: the journal is read again before the next answer, and the
   * objects that it removed (as in `LedgerRow`) are removed here.
   */
  changed(digest: string, removed: readonly string[]): void
  /** Hands what is not yet written to the journal. */
  flush(): Promise<void>
  close(): Promise<void>
  /** Objects and changes that were forgotten before their time, by this thread. */
  readonly forgotten: number
}

/** Kind of an entry that says that the object was forgotten: what is read from a journal does not bring it back. */
const gone = 3
const day = 24 * 60
/** A longer stay that is within this much of the known end is not worth writing down. */
const slackMinutes = 30
/** How long a forgotten object is known to be gone: longer than any read of the journal takes. */
const goneMinutes = 10
/** How long a holder is known without a visit, and how often visits count. */
const keptMs = 7 * day * 60_000
const visitMs = 3_600_000
const maxWaiting = 100_000
const digests = 10_000

/**
 * A ledger that threads share: what one gives, all know at once. A holder is loaded from the journal by the thread that first
 * meets it, for all; one of whose objects had to go is loaded again. Bounds are those of the memory; a holder over its share
 * makes room among its own objects, so nobody forgets for another's sake.
 */
export function createSharedLedger(options: SharedLedgerOptions): SharedLedger {
  const { memory, secret, journal, perHolder = 6_144, forAll = 786_432, batchMs = 100 } = options
  const { sizes, tables, seed } = memory
  const lock = new SharedLock(memory.locks, locks.ledger, options.owner)
  const objects = pairsIn(tables.ledger, sizes.objects, sizes.holders)
  const holders = new TimeTable(sizes.holders, seed, 'forget-least', tables.ledger)
  const side = (nth: number): Uint32Array => besideHolders(tables.ledger, sizes.objects, sizes.holders, nth)
  /** By holder: 1 once what the journal knows is here; objects given, as far as counted; misses and the minute they began. */
  const loadedOf = side(0)
  const countOf = side(1)
  const missesOf = side(2)
  const sinceOf = side(3)
  const view = new DataView(secret.buffer, secret.byteOffset, 16)
  const objectHash = new KeyedHash([view.getUint32(0), view.getUint32(4)])
  const holderHash = new KeyedHash(seed)
  /** Holder → digest, and back. */
  const known = new Map<string, string>()
  const names = new Map<string, string>()
  const loading = new Map<string, Promise<void>>()
  let waiting = new Map<string, LedgerRow>()
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  let forgotten = 0
  let recountedAt = 0

  const mostOf = (holder: string): number => (holder.startsWith('\0') ? forAll : perHolder)

  const digestOf = (holder: string): string => {
    const there = known.get(holder)
    if (there !== undefined) return there
    const made = createHash('sha256').update(secret).update(holder).digest('base64url').slice(0, 22)
    if (known.size >= digests) {
      known.clear()
      names.clear()
    }
    known.set(holder, made)
    names.set(made, holder)
    return made
  }

  /** Slot of a holder, which is kept from now on; its hash is in `holderHash`. */
  const admit = (holder: string, now: number): number => {
    holderHash.update(holder)
    const until = holders.seekHash(holderHash.high, holderHash.low)
    if (until > now) {
      if (until < now + keptMs - visitMs) holders.place(now + keptMs, now)
      return holders.slot
    }
    holders.place(now + keptMs, now)
    const { slot } = holders
    loadedOf[slot] = 0
    countOf[slot] = 0
    missesOf[slot] = 0
    sinceOf[slot] = 0
    return slot
  }

  const put = (slot: number, holder: string, word: number, minute: number): void => {
    const { high, low } = holderHash
    const most = mostOf(holder)
    if ((countOf[slot] ?? 0) >= most) {
      // Objects that ended are still counted; at most once a second somebody looks.
      const now = performance.now()
      if (now - recountedAt > 1_000) {
        recountedAt = now
        countOf[slot] = objects.count(minute, [high, low], [shown, owned])
      }
    }
    const own = (countOf[slot] ?? 0) >= most
    const displaced = objects.put(objectHash.high, objectHash.low, high, low, word, minute, own)
    if (displaced === undefined) {
      countOf[slot] = (countOf[slot] ?? 0) + 1
      return
    }
    forgotten++
    if (displaced === 'full' || own) return
    countOf[slot] = (countOf[slot] ?? 0) + 1
    if (holders.seekHash(displaced.holderHigh, displaced.holderLow) === 0) return
    const theirs = holders.slot
    countOf[theirs] = Math.max(0, (countOf[theirs] ?? 0) - 1)
    // What the journal knows of it is more than what is here.
    loadedOf[theirs] = 0
  }

  const later = (row: LedgerRow): void => {
    if (journal === undefined) return
    if (waiting.size >= maxWaiting) {
      forgotten++
      return
    }
    waiting.set(`${row.holder} ${row.object}`, row)
    timer ??= setTimeout(() => void flush(), batchMs).unref()
  }

  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    const rows = [...waiting.values()]
    waiting = new Map()
    if (journal !== undefined && rows.length > 0)
      writing = writing.then(async () => {
        try {
          await journal.save(rows)
        } catch (error) {
          forgotten += rows.length
          options.onFault?.(error)
        }
      })
    return writing
  }

  const load = async (holder: string, from: LedgerJournal): Promise<void> => {
    // What this thread has not written yet would be missing.
    await flush()
    const minute = Math.floor(Date.now() / 60_000)
    const rows = await from.load(digestOf(holder), minute, mostOf(holder))
    lock.acquire()
    try {
      const slot = admit(holder, Date.now())
      for (const { object, owned: own, until } of rows) {
        objectHash.high = Number.parseInt(object.slice(0, 8), 16)
        objectHash.low = Number.parseInt(object.slice(8), 16)
        const { high, low } = holderHash
        // What was given or forgotten meanwhile is newer.
        if (objects.find(objectHash.high, objectHash.low, high, low, minute) === 0)
          put(slot, holder, ((until << 2) | (own ? owned : shown)) >>> 0, minute)
      }
      loadedOf[slot] = 1
    } finally {
      lock.release()
    }
  }

  const rowOf = (holder: string, own: boolean, until: number): LedgerRow => ({
    holder: digestOf(holder),
    object: objectHash.high.toString(16).padStart(8, '0') + objectHash.low.toString(16).padStart(8, '0'),
    owned: own,
    until,
  })

  return {
    ready(holder) {
      if (journal === undefined) return undefined
      lock.acquire()
      try {
        if (loadedOf[admit(holder, Date.now())] === 1) return undefined
      } finally {
        lock.release()
      }
      let promise = loading.get(holder)
      if (promise === undefined) {
        promise = load(holder, journal).finally(() => loading.delete(holder))
        loading.set(holder, promise)
      }
      return promise
    },
    standing(holder, object, now) {
      holderHash.update(holder)
      objectHash.update(object)
      const { high, low } = holderHash
      lock.acquire()
      try {
        const word = objects.find(objectHash.high, objectHash.low, high, low, Math.floor(now / 60_000))
        const kind = word & 3
        return word === 0 || kind === gone ? 'none' : kind === owned ? 'owned' : 'shown'
      } finally {
        lock.release()
      }
    },
    give(holder, object, standing, until, now) {
      const minute = Math.floor(now / 60_000)
      objectHash.update(object)
      lock.acquire()
      let row: LedgerRow
      try {
        const slot = admit(holder, Date.now())
        const { high, low } = holderHash
        const found = objects.find(objectHash.high, objectHash.low, high, low, minute)
        const held = (found & 3) === gone ? 0 : found
        const kind = standing === 'owned' || (held & 3) === owned ? owned : shown
        const end = Math.max(Math.ceil(until / 60_000), held >>> 2)
        const slack = Math.min(slackMinutes, (end - minute) >> 3)
        if (held !== 0 && (held & 3) === kind && end - (held >>> 2) <= slack) return
        const word = ((end << 2) | kind) >>> 0
        if (found === 0) put(slot, holder, word, minute)
        else {
          objects.put(objectHash.high, objectHash.low, high, low, word, minute, false)
          if (held === 0) countOf[slot] = (countOf[slot] ?? 0) + 1
        }
        row = rowOf(holder, kind === owned, end)
      } finally {
        lock.release()
      }
      later(row)
    },
    forget(holder, object) {
      objectHash.update(object)
      const now = Date.now()
      const minute = Math.floor(now / 60_000)
      lock.acquire()
      let row: LedgerRow
      try {
        const slot = admit(holder, now)
        const { high, low } = holderHash
        const found = objects.find(objectHash.high, objectHash.low, high, low, minute)
        if (found !== 0 && (found & 3) !== gone) countOf[slot] = Math.max(0, (countOf[slot] ?? 1) - 1)
        // Without a journal nothing brings it back; with one, also an object that is not here may be there.
        if (found !== 0 || journal !== undefined)
          objects.put(
            objectHash.high,
            objectHash.low,
            high,
            low,
            journal === undefined ? 0 : (((minute + goneMinutes) << 2) | gone) >>> 0,
            minute,
            false,
          )
        row = rowOf(holder, false, 0)
      } finally {
        lock.release()
      }
      later(row)
      // Another thread may load the holder at any time.
      void flush()
    },
    misses(holder, count, now) {
      const minute = Math.floor(now / 60_000)
      lock.acquire()
      try {
        holderHash.update(holder)
        if (count === 0 && holders.seekHash(holderHash.high, holderHash.low) === 0) return 0
        const slot = admit(holder, Date.now())
        if (minute - (sinceOf[slot] ?? 0) >= day) {
          sinceOf[slot] = minute
          missesOf[slot] = 0
        }
        missesOf[slot] = (missesOf[slot] ?? 0) + count
        return missesOf[slot] ?? 0
      } finally {
        lock.release()
      }
    },
    changed(digest, removed) {
      const holder = names.get(digest)
      if (holder === undefined) return
      const now = Date.now()
      const minute = Math.floor(now / 60_000)
      lock.acquire()
      try {
        loadedOf[admit(holder, now)] = 0
        const { high, low } = holderHash
        for (const object of removed) {
          const objectHigh = Number.parseInt(object.slice(0, 8), 16)
          const objectLow = Number.parseInt(object.slice(8), 16)
          const word = (((minute + goneMinutes) << 2) | gone) >>> 0
          if (objects.find(objectHigh, objectLow, high, low, minute) !== 0)
            objects.put(objectHigh, objectLow, high, low, word, minute, false)
        }
      } finally {
        lock.release()
      }
    },
    flush,
    async close() {
      await flush()
    },
    get forgotten() {
      return forgotten
    },
  }
}
