import { randomBytes } from 'node:crypto'
import type { Config } from '../config/config.ts'
import { systemClock } from '../kernel/clock.ts'
import type { FlowMemory } from '../kernel/flow-memory.ts'
import type { LedgerStore } from '../kernel/ledger-store.ts'
import type { LimitStores } from '../kernel/limit-store.ts'
import type { EventStore, RateStore } from '../kernel/ports.ts'
import type { ReplayStore } from '../kernel/replay.ts'
import type { TaintStore } from '../kernel/taint-store.ts'
import { createOutbound, type OwnedOutbound } from '../outbound/create-outbound.ts'

import { createBlockRepository } from '../repositories/block-repository.ts'
import { createFindingRepository } from '../repositories/finding-repository.ts'
import { createHoldRepository } from '../repositories/hold-repository.ts'
import { createInventoryRepository } from '../repositories/inventory-repository.ts'
import { createFlowMemory } from '../stages/authorize/flows/flow-memory.ts'

import { createAssertion, type IdentitySigner } from '../stages/forward/identity.ts'
import type { IdentityKey } from '../stages/forward/identity-key.ts'
import type { KeyDirectory } from '../stages/identify/api-key/key-directory.ts'
import type { FailureBudget } from '../stages/identify/failure-budget.ts'
import type { RevocationList } from '../stages/identify/revocation-list.ts'
import type { LockBook } from '../stages/limit/lock-book.ts'
import { createOverload, type Overload } from '../stages/limit/overload/create-overload.ts'
import { Tallies } from '../stages/limit/tally.ts'
import { BlockList } from '../stages/record/anomaly/block-list.ts'
import { createChain } from '../stages/record/chain/chain.ts'
import { createInventory, type Inventory } from '../stages/record/inventory/create-inventory.ts'
import type { Log } from '../stages/record/log.ts'
import { createMetrics, type Metrics } from '../stages/record/metrics/metrics.ts'
import { createRecord, type Recorder } from '../stages/record/record.ts'
import type { EventSink } from '../stages/record/sink.ts'
import { createStoreSink } from '../stages/record/sinks/store-sink.ts'
import { createMemoryEventStore } from '../stores/memory/event-store.ts'
import { createMemoryTaintStore } from '../stores/memory/taint-store.ts'
import { followIdentityKeys } from './follow-identity-keys.ts'
import { createAuditSinks, createLogSinks } from './observe/audit-sinks.ts'
import { provideChainKey } from './observe/chain-key.ts'
import { exposeLimits } from './observe/limit-metrics.ts'
import { createLog } from './observe/log.ts'
import { ownEvent } from './observe/own-event.ts'
import { createTaps, type Taps } from './observe/taps.ts'
import { apiIn, createConfiguredTracer, type Destinations, keptTraces } from './observe/traces.ts'
import { unwatched } from './observe/unwatched.ts'
import { createWatch, type Watch } from './observe/watch-calls.ts'
import { pressureOf } from './overload-options.ts'
import { type BlockBook, createBlockBook } from './state/block-book.ts'
import { createFindingBook, type FindingBook } from './state/finding-book.ts'
import { createHolds, type Holds } from './state/holds.ts'
import type { Leases } from './state/leases.ts'
import { openLimits } from './state/limit-stores.ts'
import { openEvents } from './state/open-events.ts'
import { openAlone, openShared, type Shared } from './state/open-shared.ts'
import { shareRevocations } from './state/share-revocations.ts'
import { startIdentity } from './state/start-identity.ts'
import { openState, openStateToAsk, type State } from './state/state.ts'
import { createStoreHealth } from './state/store-health.ts'
import { version } from './version.ts'
import { writtenHosts } from './written-hosts.ts'

/** What outlives a reload: counters, records, keys of the gateway itself. */
export interface Services {
  readonly rates: RateStore
  /** What limits are kept in; `rates` is one of them. */
  readonly limits: LimitStores
  /** The same for limits that are not to be decided by this process alone. */
  readonly strictLimits: LimitStores
  /** Locks of limits that a command can open; undefined where nothing runs. */
  readonly locks: LockBook | undefined
  /** What limits decided. */
  readonly tallies: Tallies
  /** Undefined: nothing is protected, because nothing runs. */
  readonly overload: Overload | undefined
  /** One-time values that were used. */
  readonly replays: ReplayStore
  /** Secret of the nonces that proofs must hold. */
  readonly nonceSecret: Uint8Array
  readonly events: EventStore
  readonly state: State
  /** What was taken back; whoever revokes in this process does it here, so that it counts at once. */
  readonly revocations: RevocationList
  readonly keys: KeyDirectory
  /** Replies that last as long as a credential. */
  readonly leases: Leases
  /** What bad tokens have cost, by network. */
  readonly failures: FailureBudget
  /** Who was given which objects. */
  readonly ledger: LedgerStore
  /** Where callers are in their flows. */
  readonly flows: FlowMemory
  /** Destinations that callers know from the texts of others. */
  readonly taint: TaintStore
  readonly taintSalt: string
  readonly metrics: Metrics
  readonly recorder: Recorder
  /** Which traces the gateway keeps itself; undefined: none. */
  readonly keepsTrace: ((traceId: string) => boolean) | undefined
  readonly destinations: Destinations
  /** What is called, declared or not. */
  readonly inventory: Inventory
  /** What is noticed beside what single calls show, and who is refused for it. */
  readonly watch: Watch
  readonly findings: FindingBook
  readonly blockBook: BlockBook
  /** Every event as it goes on record. */
  readonly taps: Taps
  /** Callers who have to prove something anew because of a finding. */
  readonly holds: Holds
  readonly outbound: OwnedOutbound
  readonly assertion: IdentitySigner
  readonly log: Log
  /** How long owners that were read are believed, ms, where it is not the usual time. */
  readonly ownerCacheMs?: number
  /** True: nothing may be sent to an upstream, not even to read an object before a write. */
  readonly passive?: true
  close(): Promise<void>
}

/** Services that keep nothing and write nothing: for `explain`, which only asks. */
export async function createPassiveServices(config: Config): Promise<Services> {
  const metrics = createMetrics({ runtime: false })
  const outbound = createOutbound({ allowPrivate: writtenHosts(config) })
  const identity = await startIdentity(await openStateToAsk(config), createLog(), true)
  const { limits, replays, nonceSecret } = openAlone()
  return {
    passive: true,
    ...identity,
    rates: limits.rates,
    limits,
    strictLimits: limits,
    tallies: new Tallies(),
    overload: undefined,
    locks: undefined,
    replays,
    nonceSecret,
    flows: createFlowMemory(),
    taint: createMemoryTaintStore(),
    taintSalt: randomBytes(32).toString('base64url'),
    events: createMemoryEventStore(),
    metrics,
    recorder: createRecord({ sinks: [], metrics }),
    keepsTrace: undefined,
    destinations: new Map(),
    inventory: createInventory({ apiOf: (path) => ({ api: '', path }) }),
    holds: createHolds(systemClock, createLog()),
    ...unwatched(new BlockList()),
    taps: createTaps(),
    outbound,
    assertion: createAssertion(),
    log: createLog(),
    async close() {
      await identity.close()
      await outbound.close()
    },
  }
}

/** What several threads have in common, where the gateway has more than one. */
export interface Common {
  readonly shared: Shared
  readonly blocks: BlockList
  /** Is told what signs `Sallyport-Identity`, at start and whenever that changed. */
  onIdentityKeys(keys: readonly IdentityKey[]): void
}

/** Opens stores and sinks. Throws `Unusable` where one cannot be opened. */
export async function createServices(config: Config, common?: Common): Promise<Services> {
  const log = createLog()
  const metrics = createMetrics({ version: version() })
  const health = createStoreHealth(metrics.registry, log)
  const eye = config.store.durable.kind === 'postgres' ? health.watch('postgres') : undefined
  const chain = createChain({ key: provideChainKey(config) })
  const outbound = createOutbound({ allowPrivate: writtenHosts(config) })
  const sinks: EventSink[] = [...createLogSinks(config), ...createAuditSinks(config, { outbound, metrics })]
  const events = await openEvents(config.store, eye, {
    retention: config.audit.retention,
    onExpired: (gone) =>
      recorder.event(ownEvent('log.pruned', `${gone} events past their retention were removed`)),
  })
  const postgres = eye === undefined ? undefined : await import('../stores/postgres/pool.ts')
  sinks.push(createStoreSink(events, postgres?.isLoss))
  const holds = createHolds(systemClock, log)
  const unkept = (): void => log.error({}, 'findings or blocks could not be kept or read')
  const blocks = common?.blocks ?? new BlockList()
  const findings = createFindingBook(systemClock, unkept)
  const blockBook = createBlockBook(blocks, systemClock, unkept)
  const watch = createWatch(config.anomalies, {
    hold: holds.add,
    metrics,
    log,
    outbound,
    record: (event) => recorder.event(event),
    keep: findings.add,
    blocks,
    refuse: blockBook.refuse,
  })
  const destinations: Destinations = new Map()
  const tracer = createConfiguredTracer(config, { outbound, metrics, log, destinations })
  const inventory = createInventory({ apiOf: apiIn(destinations), log })
  const taps = createTaps(() => log.error({}, 'an event could not be shown'))
  const recorder = createRecord({
    sinks,
    metrics,
    log,
    chain,
    tracer,
    inventory,
    watch(event) {
      watch.observe(event)
      taps.tell(event)
    },
  })
  const closeRecords = async (): Promise<void> => {
    await recorder.close()
    await inventory.close()
    await events.close()
    await outbound.close()
  }
  const opened = common === undefined ? openShared(config.store, health, log) : Promise.resolve(common.shared)
  const shared = await opened.catch(async (error: unknown) => {
    await closeRecords()
    throw error
  })
  const { replays, nonceSecret, link } = shared
  const identity = await openState(config, eye)
    .then((state) => startIdentity(shareRevocations(state, link), log, false, link, holds.list))
    .catch(async (error: unknown) => {
      shared.close()
      await closeRecords()
      throw error
    })
  const { database } = identity.state
  const followed = await Promise.all(
    database === undefined
      ? []
      : [
          inventory.start(createInventoryRepository(database.db)),
          holds.follow(createHoldRepository(database.db)),
          findings.follow(createFindingRepository(database.db)),
          blockBook.follow(createBlockRepository(database.db)),
        ],
  )
    .then(() => followIdentityKeys(config, identity.state, log, common?.onIdentityKeys))
    .catch(async (error: unknown) => {
      await identity.close()
      shared.close()
      await closeRecords()
      throw error
    })
  const kept = openLimits(identity.state, log, shared, () => health.without('limits'))
  const { limits, strictLimits, locks } = kept
  const tallies = new Tallies()
  const overload = createOverload(pressureOf(config))
  exposeLimits(metrics.registry, tallies, overload)
  return {
    ...identity,
    rates: limits.rates,
    limits,
    strictLimits,
    locks,
    tallies,
    overload,
    replays,
    nonceSecret,
    flows: createFlowMemory(),
    taint: createMemoryTaintStore(),
    taintSalt: randomBytes(32).toString('base64url'),
    events,
    metrics,
    recorder,
    keepsTrace: keptTraces(config),
    destinations,
    inventory,
    holds,
    watch,
    findings,
    blockBook,
    taps,
    outbound,
    assertion: followed.signer,
    log,
    async close() {
      followed.close()
      overload.close()
      holds.close()
      await kept.close()
      // What waits is still to be seen by the inventory, and that is kept in the database.
      await recorder.close()
      await inventory.close()
      await Promise.all([findings.close(), blockBook.close()])
      await identity.close()
      shared.close()
      await closeRecords()
    },
  }
}
