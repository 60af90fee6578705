import type { AuditEvent } from '../../kernel/event.ts'

/** Events on their way out: `lines[i]` is `events[i]` as JSON, serialised once for all sinks. */
export interface EventBatch {
  readonly events: readonly AuditEvent[]
  readonly lines: readonly string[]
}

/**
 * A place audit events go. Sinks know nothing of each other: each has its own queue, and one that is slow or
 * down costs only itself.
 */
export interface EventSink {
  /** Label in metrics and messages: `log`, `store`. */
  readonly name: string
  /** Throws or rejects when the batch was not taken; the same batch object is then offered again. */
  write(batch: EventBatch): Promise<void> | void
  /** Best effort while the process exits: must be done when it returns. */
  writeSync?(batch: EventBatch): void
  /** Events that may wait for it, and events in one write; those of the recorder where it says nothing. */
  readonly queue?: number
  readonly batch?: number
  /** True where what failed will work once a server is back: the batch is kept as long as the queue has room. */
  isAway?(error: unknown): boolean
  /** True where the same batch will never be taken: it is given up at once. */
  isRefused?(error: unknown): boolean
  /** Milliseconds that a server asked for before the next try; 0: it did not. */
  waitMs?(error: unknown): number
  close(): Promise<void>
}
