/** What somebody was given of an object. `shown`: a reply held its id. `owned`: they made it, or a reply named them as owner. */
export type Standing = 'none' | 'shown' | 'owned'

/**
 * Who was given which objects. A holder is a principal of an API (not a token): whoever signs in again is the same. In
 * memory the answers are immediate; what is remembered of a holder is loaded once, when they are first seen.
 */
export interface LedgerStore {
  /** Undefined when what is remembered of the holder is at hand, which is the usual case; else once it is. Rejects where it cannot be read. */
  ready(holder: string): Promise<void> | undefined
  /** `now`: milliseconds since the epoch, as everywhere here. */
  standing(holder: string, object: string, now: number): Standing
  /** Remembers it until then, at the least; never lowers what is remembered. */
  give(holder: string, object: string, standing: 'shown' | 'owned', until: number, now: number): void
  forget(holder: string, object: string): void
  /** Adds to the holder's requests for objects they were not given (`count` 0 only asks); those within 24 hours. */
  misses(holder: string, count: number, now: number): number
}

/** One remembered object as it is kept at rest: digests, never an id. */
export interface LedgerRow {
  /** Digest of the holder. */
  readonly holder: string
  /** 64-bit keyed hash of the object, 16 hex digits. */
  readonly object: string
  readonly owned: boolean
  /** Minutes since the epoch. */
  readonly until: number
}

/** The durable side of a ledger. */
export interface LedgerJournal {
  /** The secret of the hashes; made on the first call, the same ever after. 16 bytes. */
  secret(): Promise<Uint8Array>
  load(holder: string, nowMinutes: number, limit: number): Promise<readonly LedgerRow[]>
  /** Writes what is new or changed; a row whose `until` is 0 is removed. */
  save(rows: readonly LedgerRow[]): Promise<void>
  /** Removes what has ended; how many. */
  purge(nowMinutes: number): Promise<number>
}
