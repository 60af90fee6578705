/** A subject that is refused for a time, or was let in again: then `until` is 0. */
export interface StoredBlock {
  /** `principal`, `address` or `credential`. */
  readonly kind: string
  readonly key: string
  /** Milliseconds since the epoch. */
  readonly until: number
  /** Kind of the finding it is refused for; empty where somebody decided it. */
  readonly finding: string
  /** Who decided; empty where it was the gateway itself. */
  readonly by: string
  readonly reason: string
  readonly created: number
  /** Grows with every write, in the order in which writes become visible. */
  readonly change: number
}

/** Blocks that outlive a restart and that other processes learn of. */
export interface BlockStore {
  /** Replaces what is known of each subject, in order; all or none. */
  put(blocks: readonly Omit<StoredBlock, 'change'>[]): Promise<void>
  /** At most `limit` blocks written after `change`, oldest write first. */
  since(change: number, limit: number): Promise<readonly StoredBlock[]>
  /** Forgets what ended a day ago. */
  purge(now: number): Promise<number>
}
