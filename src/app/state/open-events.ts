import type { StoreConfig } from '../../config/types/gateway-config.ts'
import type { AuditConfig } from '../../config/types/record-config.ts'
import type { EventStore } from '../../kernel/ports.ts'
import type { StoreWatch } from '../../kernel/store-watch.ts'
import { createMemoryEventStore } from '../../stores/memory/event-store.ts'
import { createSqliteEventStore } from '../../stores/sqlite/event-store.ts'
import { postgresOptionsOf } from './store-options.ts'

/** Who keeps events also removes them. */
export interface Keeper {
  readonly retention: AuditConfig['retention']
  /** Told how many events retention has removed. */
  onExpired(events: number): void
}

/** The place of audit events. Throws `Unusable` where it cannot be opened. Without a keeper nothing is ever removed. */
export async function openEvents(
  { durable }: StoreConfig,
  watch?: StoreWatch,
  keeper?: Keeper,
): Promise<EventStore> {
  const { age, events, size } = keeper?.retention ?? {}
  const retention = {
    ...(age !== undefined && { ageMs: age }),
    ...(events !== undefined && { rows: events }),
  }
  const expiring = keeper === undefined ? {} : { onExpired: keeper.onExpired }
  switch (durable.kind) {
    case 'none':
      return createMemoryEventStore()
    case 'sqlite':
      return createSqliteEventStore(durable.file, {
        ...expiring,
        retention: { ...retention, bytes: size },
      })
    case 'postgres': {
      const { createPostgresEventStore } = await import('../../stores/postgres/event-store.ts')
      return createPostgresEventStore({ ...postgresOptionsOf(durable, watch), ...expiring, retention })
    }
  }
}
