import { existsSync } from 'node:fs'
import type { Config } from '../../config/config.ts'
import type { PostgresConfig } from '../../config/values/postgres-address.ts'
import type { ApiKeyStore } from '../../kernel/api-key.ts'
import type { LimitLockStore } from '../../kernel/limit-lock.ts'
import type { RevocationStore } from '../../kernel/revocation.ts'
import type { StoreWatch } from '../../kernel/store-watch.ts'
import { createApiKeyRepository } from '../../repositories/api-key-repository.ts'
import { createLimitLockRepository } from '../../repositories/limit-lock-repository.ts'
import { createRevocationRepository } from '../../repositories/revocation-repository.ts'
import { createMemoryApiKeyStore } from '../../stores/memory/api-key-store.ts'
import { createMemoryRevocationStore } from '../../stores/memory/revocation-store.ts'
import { createSqliteStateStore, type StateStore } from '../../stores/sqlite/state-store.ts'
import { postgresOptionsOf } from './store-options.ts'

/** What must outlive a restart beside the audit events. */
export interface State {
  /** The database that repositories work on; undefined where nothing is kept. */
  readonly database: StateStore | undefined
  /** True where all gateways have the same database. */
  readonly everywhere: boolean
  readonly revocations: RevocationStore
  readonly apiKeys: ApiKeyStore
  /** Undefined where nothing is kept. */
  readonly locks: LimitLockStore | undefined
  close(): Promise<void>
}

/** Opens the durable store of a configuration. Throws `Unusable` where it cannot be opened. */
export async function openState({ store: { durable } }: Config, watch?: StoreWatch): Promise<State> {
  if (durable.kind === 'none') return createVolatileState()
  const database =
    durable.kind === 'sqlite'
      ? await createSqliteStateStore(durable.file)
      : await openPostgres(durable, watch)
  return {
    database,
    everywhere: durable.kind === 'postgres',
    revocations: createRevocationRepository(database.db),
    apiKeys: createApiKeyRepository(database.db),
    locks: createLimitLockRepository(database.db),
    close: () => database.close(),
  }
}

async function openPostgres(durable: PostgresConfig, watch?: StoreWatch): Promise<StateStore> {
  const { createPostgresStateStore } = await import('../../stores/postgres/state-store.ts')
  return createPostgresStateStore(postgresOptionsOf(durable, watch))
}

/** The same for who only asks: nothing is made where there is nothing, and uses are not noted. */
export async function openStateToAsk(config: Config): Promise<State> {
  const { durable } = config.store
  const state =
    durable.kind === 'postgres' || (durable.kind === 'sqlite' && existsSync(durable.file))
      ? await openState(config)
      : createVolatileState()
  return { ...state, apiKeys: { ...state.apiKeys, touch: () => Promise.resolve() } }
}

function createVolatileState(): State {
  return {
    database: undefined,
    everywhere: false,
    revocations: createMemoryRevocationStore(),
    apiKeys: createMemoryApiKeyStore(),
    locks: undefined,
    close: () => Promise.resolve(),
  }
}
