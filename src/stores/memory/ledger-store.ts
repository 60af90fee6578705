import { createHash } from 'node:crypto'
import type { LedgerJournal, LedgerRow, LedgerStore } from '../../kernel/ledger-store.ts'
import { KeyedHash } from './keyed-hash.ts'
import { ObjectTable, owned, shown } from './object-table.ts'

export interface MemoryLedgerOptions {
  /** 16 secret bytes for the hashes: those of the journal, so that they mean the same after a restart. */
  readonly secret: Uint8Array
  /** Slots of one holder, of which three quarters are used. Default 8,192, which is 96 KiB. */
  readonly slotsPerHolder?: number
  /** Slots of a holder that stands for everybody (its name begins with NUL). Default 1,048,576, which is 12 MiB. */
  readonly slotsForAll?: number
  /** Bytes of all holders together. Default 128 MiB; the holders that were away longest are forgotten first. */
  readonly bytes?: number
  readonly journal?: LedgerJournal
  /** Told of a journal that could not be written. */
  readonly onFault?: (error: unknown) => void
  /** Milliseconds that changes wait to be written together. Default 500. */
  readonly batchMs?: number
}

/** A ledger in this process. */
export interface MemoryLedger extends LedgerStore {
  /**
   * Another process wrote about the holder of this digest: the journal is read again before the next answer, and the
   * objects that it removed (as in `LedgerRow`) are removed here.
   */
  changed(digest: string, removed: readonly string[]): void
  /** Writes what is not yet in the journal. */
  flush(): Promise<void>
  close(): Promise<void>
  /** For metrics and tests: walks all tables. */
  stats(now: number): {
    readonly holders: number
    readonly objects: number
    readonly bytes: number
    /** Objects forgotten before their time, and changes that no journal took. */
    readonly forgotten: number
  }
}

interface Holder {
  readonly table: ObjectTable
  readonly digest: string
  /** True once what the journal knows is in the table. */
  loaded: boolean
  /** When it was last moved to the end of the line, in visits of all. */
  seen: number
  misses: number
  /** Minute at which counting of misses began. */
  since: number
}

/** What a holder costs beside its table: object, key, map entry; measured. */
const overhead = 400
const day = 24 * 60
/** Visits of all holders after which one who comes again is moved to the end of the line. */
const stride = 256
const maxWaiting = 100_000
const batchRows = 200
/** A longer stay that is within this much of the known end is not worth writing down. */
const slackMinutes = 30

/**
 * A ledger of 64-bit keyed hashes: 12 bytes a slot, 16 to 24 a remembered object. Another object is taken for a
 * remembered one only where hashes collide, for a holder of 6,144 objects once in 3·10^15 foreign requests.
 */
export function createMemoryLedger(options: MemoryLedgerOptions): MemoryLedger {
  const { secret, journal, slotsPerHolder = 8_192, slotsForAll = 1 << 20 } = options
  const mostBytes = options.bytes ?? 128 * 1024 * 1024
  const seed = new DataView(secret.buffer, secret.byteOffset, 16)
  const hash = new KeyedHash([seed.getUint32(0), seed.getUint32(4)])
  const holders = new Map<string, Holder>()
  const loading = new Map<string, Promise<void>>()
  /** Digest → holder, where there is a journal. */
  const names = new Map<string, string>()
  let waiting = new Map<string, LedgerRow>()
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  let bytes = 0
  let tick = 0
  let forgotten = 0

  const mostOf = (holder: string): number => (holder.startsWith('\0') ? slotsForAll : slotsPerHolder)
  const digestOf = (holder: string): string =>
    createHash('sha256').update(secret).update(holder).digest('base64url').slice(0, 22)

  const admit = (holder: string): Holder => {
    const made: Holder = {
      table: new ObjectTable(),
      digest: digestOf(holder),
      loaded: journal === undefined,
      seen: tick,
      misses: 0,
      since: 0,
    }
    holders.set(holder, made)
    if (journal !== undefined) names.set(made.digest, holder)
    bytes += made.table.bytes + overhead
    return made
  }

  /** Keeps the holders in order of their last visits, near enough, at the cost of a step in `stride`. */
  const visit = (name: string, holder: Holder): void => {
    tick++
    if (tick - holder.seen < stride) return
    holder.seen = tick
    holders.delete(name)
    holders.set(name, holder)
  }

  const makeRoom = (keep: Holder): void => {
    for (const [name, holder] of holders) {
      if (bytes <= mostBytes) return
      if (holder === keep || name.startsWith('\0')) continue
      holders.delete(name)
      names.delete(holder.digest)
      bytes -= holder.table.bytes + overhead
      if (journal === undefined) forgotten += holder.table.live(0)
    }
  }

  const later = (row: LedgerRow): void => {
    if (journal === undefined) return
    if (waiting.size >= maxWaiting) {
      forgotten++
      return
    }
    waiting.set(`${row.holder} ${row.object}`, row)
    if (timer !== undefined) return
    timer = setTimeout(() => void flush(), options.batchMs ?? 500)
    timer.unref()
  }

  /** In pieces with a turn of the loop between them: the database writes in this thread. */
  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    const rows = [...waiting.values()]
    waiting = new Map()
    if (journal !== undefined && rows.length > 0)
      writing = writing.then(async () => {
        for (let from = 0; from < rows.length; from += batchRows) {
          const batch = rows.slice(from, from + batchRows)
          try {
            await journal.save(batch)
          } catch (error) {
            forgotten += batch.length
            options.onFault?.(error)
          }
          await new Promise<void>((resolve) => setImmediate(resolve))
        }
      })
    return writing
  }

  const load = async (holder: string, from: LedgerJournal): Promise<void> => {
    const now = Math.floor(Date.now() / 60_000)
    const digest = digestOf(holder)
    // What this process has not written yet would be missing.
    if (waiting.size > 0) await flush()
    else await writing
    const rows = await from.load(digest, now, (mostOf(holder) * 3) / 4)
    const made = holders.get(holder) ?? admit(holder)
    const before = made.table.bytes
    const most = mostOf(holder)
    for (const { object, owned: own, until } of rows) {
      const high = Number.parseInt(object.slice(0, 8), 16)
      const low = Number.parseInt(object.slice(8), 16)
      // What was given meanwhile is newer.
      if (made.table.find(high, low, now) === 0)
        made.table.put(high, low, own ? owned : shown, until, now, most)
    }
    made.loaded = true
    bytes += made.table.bytes - before
    if (bytes > mostBytes) makeRoom(made)
  }

  const rowOf = (holder: Holder, own: boolean, until: number): LedgerRow => ({
    holder: holder.digest,
    object: hash.high.toString(16).padStart(8, '0') + hash.low.toString(16).padStart(8, '0'),
    owned: own,
    until,
  })

  return {
    ready(holder) {
      if (journal === undefined || holders.get(holder)?.loaded === true) return undefined
      let promise = loading.get(holder)
      if (promise === undefined) {
        promise = load(holder, journal).finally(() => loading.delete(holder))
        loading.set(holder, promise)
      }
      return promise
    },
    standing(holder, object, now) {
      const known = holders.get(holder)
      if (known === undefined) return 'none'
      visit(holder, known)
      const minute = Math.floor(now / 60_000)
      hash.update(object)
      const word = known.table.find(hash.high, hash.low, minute)
      return word === 0 ? 'none' : (word & 3) === owned ? 'owned' : 'shown'
    },
    give(holder, object, standing, until, now) {
      const minute = Math.floor(now / 60_000)
      const known = holders.get(holder) ?? admit(holder)
      visit(holder, known)
      hash.update(object)
      const held = known.table.find(hash.high, hash.low, minute)
      const kind = standing === 'owned' || (held & 3) === owned ? owned : shown
      const end = Math.max(Math.ceil(until / 60_000), held >>> 2)
      const slack = Math.min(slackMinutes, (end - minute) >> 3)
      if (held !== 0 && (held & 3) === kind && end - (held >>> 2) <= slack) return
      const before = known.table.bytes
      if (!known.table.put(hash.high, hash.low, kind, end, minute, mostOf(holder))) forgotten++
      later(rowOf(known, kind === owned, end))
      bytes += known.table.bytes - before
      if (bytes > mostBytes) makeRoom(known)
    },
    forget(holder, object) {
      const known = holders.get(holder)
      if (known === undefined) return
      hash.update(object)
      known.table.remove(hash.high, hash.low)
      later(rowOf(known, false, 0))
    },
    misses(holder, count, now) {
      const minute = Math.floor(now / 60_000)
      const known = holders.get(holder) ?? (count > 0 ? admit(holder) : undefined)
      if (known === undefined) return 0
      if (minute - known.since >= day) {
        known.since = minute
        known.misses = 0
      }
      known.misses += count
      return known.misses
    },
    changed(digest, removed) {
      const holder = holders.get(names.get(digest) ?? '')
      if (holder === undefined) return
      holder.loaded = false
      for (const object of removed)
        holder.table.remove(Number.parseInt(object.slice(0, 8), 16), Number.parseInt(object.slice(8), 16))
    },
    flush,
    async close() {
      await flush()
    },
    stats(now) {
      let objects = 0
      for (const { table } of holders.values()) objects += table.live(Math.floor(now / 60_000))
      return { holders: holders.size, objects, bytes, forgotten }
    },
  }
}
