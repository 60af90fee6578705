import type { AuditEvent } from '../../../kernel/event.ts'
import type { EventStore } from '../../../kernel/ports.ts'
import type { EventSink } from '../sink.ts'

/** A store that can also take events while the process exits. */
interface ExitStore extends EventStore {
  appendSync?(events: readonly AuditEvent[], lines: readonly string[]): void
}

/**
 * Writes events to the durable store. The store stays open: whoever made it closes it. `isAway`: see `EventSink`.
 */
export function createStoreSink(store: ExitStore, isAway?: (error: unknown) => boolean): EventSink {
  const sink: EventSink = {
    name: 'store',
    write: ({ events, lines }) => store.append(events, lines),
    close: async () => undefined,
    ...(isAway !== undefined && { isAway }),
  }
  if (store.appendSync !== undefined)
    sink.writeSync = ({ events, lines }) => store.appendSync?.(events, lines)
  return sink
}
