import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { type Kysely, sql } from 'kysely'
import type { AuditEvent } from '../../src/kernel/event.ts'
import type { LedgerJournal } from '../../src/kernel/ledger-store.ts'
import { createAccountRepositories } from '../../src/repositories/account-repositories.ts'
import { createApiKeyRepository } from '../../src/repositories/api-key-repository.ts'
import { createBlockRepository } from '../../src/repositories/block-repository.ts'
import { createFindingRepository } from '../../src/repositories/finding-repository.ts'
import { createHoldRepository } from '../../src/repositories/hold-repository.ts'
import { createIdentityKeyRepository } from '../../src/repositories/identity-keys.ts'
import { createInventoryRepository } from '../../src/repositories/inventory-repository.ts'
import { createLedgerJournal } from '../../src/repositories/ledger-journal.ts'
import { createQuotaRepository } from '../../src/repositories/quota-repository.ts'
import { createRevocationRepository } from '../../src/repositories/revocation-repository.ts'
import { createChain } from '../../src/stages/record/chain/chain.ts'
import { createMemoryLedger, type MemoryLedger } from '../../src/stores/memory/ledger-store.ts'
import { createPostgresEventStore } from '../../src/stores/postgres/event-store.ts'
import type { PostgresOptions } from '../../src/stores/postgres/options.ts'
import { createPostgresStateStore, type PostgresStateStore } from '../../src/stores/postgres/state-store.ts'
import { type PostgresDatabases, startDatabases } from '../support/servers/postgres-databases.ts'
import { needsPostgres } from '../support/servers/postgres-server.ts'
import { accountRepositoriesSuite } from './account-repositories.ts'
import { apiKeyStoreSuite } from './api-key-store.ts'
import { authorityStoreSuite } from './authority-store.ts'
import { blockStoreSuite } from './block-store.ts'
import { eventStoreSuite, sampleEvent } from './event-store.ts'
import { findingStoreSuite } from './finding-store.ts'
import { holdStoreSuite } from './hold-store.ts'
import { identityKeySuite } from './identity-keys.ts'
import { inventoryStoreSuite } from './inventory-store.ts'
import { ledgerStoreSuite } from './ledger-store.ts'
import { quotaStoreSuite } from './quota-store.ts'
import { revocationStoreSuite } from './revocation-store.ts'

const { skip } = needsPostgres()
if (skip !== false) test('stores in PostgreSQL', { skip }, () => undefined)
else
  describe('PostgreSQL', () => {
    let databases: PostgresDatabases
    let place: PostgresOptions
    let state: PostgresStateStore
    const closing: (() => Promise<void>)[] = []
    before(async () => {
      databases = await startDatabases()
      place = databases.fresh()
      state = await createPostgresStateStore({ ...place, pool: 4 })
      closing.push(() => state.close())
    })
    after(async () => {
      for (const close of closing) await close()
      await databases?.close()
    })

    /** The one database, emptied: making a new one for each test would take most of the time. */
    const empty = async (): Promise<PostgresStateStore> => {
      const { rows } = await sql<{ name: string }>`
        select tablename as name from pg_tables
        where schemaname = current_schema() and tablename not like 'state_version%'`.execute(state.db)
      await sql`truncate ${sql.join(rows.map(({ name }) => sql.table(name)))}`.execute(state.db)
      return { db: state.db, close: () => Promise.resolve() }
    }

    /** Stores over it; `reopen` is another connection, as another process has one. */
    function over<T extends object>(make: (db: Kysely<unknown>) => T) {
      return {
        create: async () => make((await empty()).db),
        reopen: async () => {
          const again = await createPostgresStateStore({ ...place, pool: 2 })
          closing.push(() => again.close())
          return make(again.db)
        },
      }
    }

    revocationStoreSuite('postgres', over(createRevocationRepository))
    apiKeyStoreSuite('postgres', over(createApiKeyRepository))
    authorityStoreSuite('postgres', empty)
    accountRepositoriesSuite('postgres', async () => {
      const { db, close } = await empty()
      return { repositories: createAccountRepositories(db), close }
    })
    const holds = over(createHoldRepository)
    holdStoreSuite('postgres', { create: holds.create, again: holds.reopen })
    const findings = over(createFindingRepository)
    findingStoreSuite('postgres', { create: findings.create, again: findings.reopen })
    const blocks = over(createBlockRepository)
    blockStoreSuite('postgres', { create: blocks.create, again: blocks.reopen })
    const identityKeys = over(createIdentityKeyRepository)
    identityKeySuite('postgres', { create: identityKeys.create, again: identityKeys.reopen, atOnce: true })
    const inventories = over(createInventoryRepository)
    inventoryStoreSuite('postgres', { create: inventories.create, again: inventories.reopen })
    quotaStoreSuite('postgres', {
      create: async () => createQuotaRepository((await empty()).db),
      runs: 10,
    })
    eventStoreSuite('postgres', () => createPostgresEventStore(databases.fresh()))

    test('a batch whose answer was lost is offered again, and is kept once', async () => {
      const where = databases.fresh()
      const [store, other] = [await createPostgresEventStore(where), await createPostgresEventStore(where)]
      closing.push(
        () => store.close(),
        () => other.close(),
      )
      const chain = createChain({ key: generateKeyPairSync('ed25519').privateKey })
      const events = Array.from({ length: 50 }, (_, i) => sampleEvent(i, { id: `once-${i}` }))
      const lines = events.map((event) => chain.line(event))
      await Promise.all([store, other, store].map((one) => one.append(events, lines)))
      await store.append(events.slice(40), lines.slice(40))
      const kept: string[] = []
      for await (const line of store.lines({})) kept.push(line)
      assert.deepEqual(kept, lines)
      // Without a chain two events may be the same, and are two.
      await store.append([events[0] as AuditEvent, events[0] as AuditEvent])
      assert.equal((await store.query({ id: 'once-0' }, 10)).events.length, 3)
    })

    const journals = over(createLedgerJournal)
    const ledgerOver = async (journal: LedgerJournal): Promise<MemoryLedger> =>
      createMemoryLedger({ secret: await journal.secret(), journal, batchMs: 10 })
    ledgerStoreSuite('memory over postgres', {
      create: async () => ledgerOver(await journals.create()),
      restart: async (of) => {
        await (of as MemoryLedger).close()
        return ledgerOver(await journals.reopen())
      },
    })
  })
