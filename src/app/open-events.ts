import type { StoreConfig } from '../config/config.ts'
import type { EventStore } from '../kernel/ports.ts'
import type { StoreWatch } from '../kernel/store-watch.ts'
import { createMemoryEventStore } from '../stores/memory/event-store.ts'
import { createPostgresEventStore } from '../stores/postgres/event-store.ts'
import { createSqliteEventStore } from '../stores/sqlite/event-store.ts'
import { postgresOptionsOf } from './store-options.ts'

/** The place of audit events. Throws `Unusable` where it cannot be opened. */
export async function openEvents({ durable }: StoreConfig, watch?: StoreWatch): Promise<EventStore> {
  switch (durable.kind) {
    case 'none':
      return createMemoryEventStore()
    case 'sqlite':
      return createSqliteEventStore(durable.file)
    case 'postgres':
      return createPostgresEventStore(postgresOptionsOf(durable, watch))
  }
}
