import type { AuditEvent } from '../../kernel/event.ts'

type Listener = (event: AuditEvent) => void

/** Those who want to see every audit event as it goes on record, off the hot path. */
export interface Taps {
  /** Gives what ends it. */
  on(listener: Listener): () => void
  tell(event: AuditEvent): void
}

export function createTaps(onFault: (error: unknown) => void = () => undefined): Taps {
  const listeners = new Set<Listener>()
  return {
    on(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    tell(event) {
      // One that fails keeps neither the others nor the record from seeing it.
      for (const listener of listeners)
        try {
          listener(event)
        } catch (error) {
          onFault(error)
        }
    },
  }
}
