/** A key of a limit that is locked, or was opened: then `until` is 0. */
export interface LimitLock {
  /** Digest of the key. */
  readonly key: string
  readonly api: string
  /** Name of the limit. */
  readonly limit: string
  /** Milliseconds since the epoch. */
  readonly until: number
  readonly created: number
  /** Grows with every write, in the order in which writes become visible. */
  readonly change: number
}

/** Locks that outlive a restart and that other processes learn of. */
export interface LimitLockStore {
  /** Keeps a lock; one that is there already is widened, never narrowed. */
  add(lock: Pick<LimitLock, 'key' | 'api' | 'limit' | 'until'>, now: number): Promise<LimitLock>
  /** Opens locks by digest, all those that last where none is given; how many were open-able. */
  clear(keys: readonly string[] | undefined, now: number): Promise<number>
  /** At most `limit` locks written after `change`, oldest write first. */
  since(change: number, limit: number): Promise<readonly LimitLock[]>
  /** Forgets what has ended a day ago; how many that were. */
  purge(now: number): Promise<number>
}
