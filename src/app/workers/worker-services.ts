import type { Config } from '../../config/config.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { HoldStore } from '../../kernel/hold.ts'
import type { InventoryStore } from '../../kernel/inventory.ts'
import type { LedgerJournal } from '../../kernel/ledger-store.ts'
import type { LimitStores, QuotaStore } from '../../kernel/limit-store.ts'
import { networkOf } from '../../kernel/network-of.ts'
import { createOutbound } from '../../outbound/create-outbound.ts'
import { createAssertion } from '../../stages/forward/identity.ts'
import { createKeyDirectory } from '../../stages/identify/api-key/key-directory.ts'
import { createFailureBudget } from '../../stages/identify/failure-budget.ts'
import { createRevocationList, type RevocationList } from '../../stages/identify/revocation-list.ts'
import { createLockBook } from '../../stages/limit/lock-book.ts'
import { createOverload } from '../../stages/limit/overload/create-overload.ts'
import { Tallies } from '../../stages/limit/tally.ts'
import { createInventory } from '../../stages/record/inventory/create-inventory.ts'
import { createMetrics } from '../../stages/record/metrics/metrics.ts'
import { createRecord } from '../../stages/record/record.ts'
import { createLeasedQuotas } from '../../stores/lease/leased-quotas.ts'
import { createMemoryEventStore } from '../../stores/memory/event-store.ts'
import { createSharedFlows } from '../../stores/memory/shared-flows.ts'
import { createSharedLedger, type SharedLedger } from '../../stores/memory/shared-ledger.ts'
import { createSharedStores, type SharedStores } from '../../stores/memory/shared-stores.ts'
import { createSharedTaintStore } from '../../stores/memory/shared-taint.ts'
import { isStillGood } from '../is-still-good.ts'
import { exposeLimits } from '../observe/limit-metrics.ts'
import { createLog } from '../observe/log.ts'
import { createTaps } from '../observe/taps.ts'
import { apiIn, createConfiguredTracer, type Destinations, keptTraces } from '../observe/traces.ts'
import { unwatched } from '../observe/unwatched.ts'
import { pressureOf } from '../overload-options.ts'
import type { Services } from '../services.ts'
import { createHolds } from '../state/holds.ts'
import { createLeases } from '../state/leases.ts'
import { withFallback } from '../state/limits-fallback.ts'
import { openShared } from '../state/open-shared.ts'
import type { State } from '../state/state.ts'
import { createStoreHealth } from '../state/store-health.ts'
import { writtenHosts } from '../written-hosts.ts'
import type { Channel } from './channel.ts'
import type { MainAnswers, WorkerStart } from './messages.ts'
import { monotonicShift } from './monotonic-shift.ts'
import { createNews } from './news.ts'
import { NewsBlocks } from './news-blocks.ts'
import { createThreadSink } from './thread-sink.ts'

/** The services of a worker: counters in shared memory, what is durable through the main thread. */
export interface WorkerServices extends Services {
  /** Places of open connections, exact for all workers. */
  readonly connections: SharedStores['connections']
  readonly sharedLedger: SharedLedger
}

type Main = Channel<MainAnswers>

/** How often the main thread is told what was seen. */
const tellMs = 2_000

/** Opens them. Rejects where the main thread cannot answer, or a shared store of other machines cannot be opened. */
export async function createWorkerServices(
  config: Config,
  start: WorkerStart,
  main: Main,
): Promise<WorkerServices> {
  const log = createLog()
  const metrics = createMetrics({ runtime: false })
  const health = createStoreHealth(metrics.registry, log)
  const own = createSharedStores({
    memory: start.memory,
    owner: start.owner,
    shiftMs: monotonicShift(),
  })
  const far = config.store.shared.kind === 'memory' ? undefined : await openShared(config.store, health, log)
  const state = stateOf(main, start)
  const quotas =
    start.state.kept && (far === undefined || start.state.everywhere)
      ? createLeasedQuotas(quotasOf(main))
      : undefined
  const base = far?.limits ?? own.limits
  const strictLimits: LimitStores = quotas === undefined ? base : { ...base, quotas }
  const limits =
    far === undefined && !start.state.everywhere
      ? strictLimits
      : withFallback(strictLimits, own.limits, () => health.without('limits'))
  const list = createRevocationList({ store: state.revocations })
  const keys = createKeyDirectory({ store: state.apiKeys })
  const news = createNews(start.news, (item) => {
    if ('revoked' in item) list.learn(item.revoked)
    else if ('block' in item) blocks.learn(item.block)
    else blocks.unlearn(item.unblock)
  })
  const blocks = new NewsBlocks(() => news.catchUp())
  for (const block of start.blocks) blocks.learn(block)
  const revocations: RevocationList = {
    judge(principal) {
      news.catchUp()
      return list.judge(principal)
    },
    revoke: list.revoke,
    learn: list.learn,
    start: list.start,
    get size() {
      return list.size
    },
    close: list.close,
  }
  const journal: LedgerJournal = {
    secret: () => Promise.resolve(start.ledgerSecret),
    load: (holder, nowMinutes, limit) => main.ask('loadLedger', holder, nowMinutes, limit),
    save: (rows) => main.ask('saveLedger', rows),
    purge: () => Promise.resolve(0),
  }
  const ledger = createSharedLedger({
    memory: start.memory,
    owner: start.owner,
    secret: start.ledgerSecret,
    ...(start.state.journal && { journal }),
    onFault: (error) => log.error({ reason: reasonOf(error) }, 'objects that were given could not be kept'),
  })
  const locks = createLockBook({
    store: state.locks,
    onFault: (error) => log.error({ reason: reasonOf(error) }, 'locks of limits could not be kept'),
  })
  const tallies = new Tallies()
  const overload = createOverload(pressureOf(config))
  exposeLimits(metrics.registry, tallies, overload)
  const outbound = createOutbound({ allowPrivate: writtenHosts(config) })
  const destinations: Destinations = new Map()
  // Each thread sends the spans of its own calls.
  const tracer = createConfiguredTracer(config, { outbound, metrics, log, destinations })
  const inventory = createInventory({ apiOf: apiIn(destinations), log, flushMs: tellMs })
  const holds = createHolds(systemClock, log)
  const recorder = createRecord({
    sinks: [createThreadSink(main)],
    metrics,
    log,
    tracer,
    inventory,
    // The main thread answers once it has room; nothing is sent twice.
    retry: { attempts: 1, timeoutMs: 60_000 },
  })
  const close = async (): Promise<void> => {
    overload.close()
    locks.close()
    revocations.close()
    await Promise.all([quotas?.close(), keys.close(), ledger.close()])
    far?.close()
    holds.close()
    await recorder.close()
    await inventory.close()
    await outbound.close()
  }
  try {
    await Promise.all([
      revocations.start(),
      keys.start(),
      inventory.start(inventoryOf(main)),
      holds.follow(holdsOf(main)),
    ])
  } catch (error) {
    await close()
    throw error
  }
  return {
    rates: limits.rates,
    limits,
    strictLimits,
    locks,
    tallies,
    overload,
    replays: far?.replays ?? own.replays,
    nonceSecret: far?.nonceSecret ?? start.nonceSecret,
    events: createMemoryEventStore(),
    state,
    revocations,
    keys,
    leases: createLeases({
      clock: systemClock,
      isGood: (principal) =>
        isStillGood(revocations, keys, principal) &&
        holds.list.failed(principal, systemClock.now()) === undefined,
    }),
    // Each core has a budget of its own: it bounds what bad tokens cost, not how many there are.
    failures: createFailureBudget({ clock: systemClock, networkOf }),
    ledger,
    flows: createSharedFlows(start.memory, start.owner),
    taint: createSharedTaintStore({ memory: start.memory, owner: start.owner }),
    taintSalt: start.taintSalt,
    metrics,
    recorder,
    keepsTrace: keptTraces(config),
    destinations,
    inventory,
    taps: createTaps(),
    holds,
    ...unwatched(blocks),
    outbound,
    assertion: createAssertion({ keys: start.identityKeys }),
    log,
    // Another worker may have written the object meanwhile.
    ownerCacheMs: 0,
    connections: own.connections,
    sharedLedger: ledger,
    close,
  }
}

/** What is durable, as the main thread has it. */
function stateOf(main: Main, { state }: WorkerStart): State {
  return {
    database: undefined,
    everywhere: state.everywhere,
    revocations: {
      add: () => Promise.reject(new Error('revocations are written by the main thread')),
      since: (change, limit) => main.ask('revocationsSince', change, limit),
      // The main thread does.
      purge: () => Promise.resolve(0),
    },
    apiKeys: {
      create: () => Promise.reject(new Error('keys are made by the main thread')),
      update: () => Promise.reject(new Error('keys are changed by the main thread')),
      find: (id) => main.ask('findKey', id),
      changes: (after, limit) => main.ask('keyChanges', after, limit),
      touch: (uses) => main.ask('touchKeys', uses),
    },
    locks: state.kept
      ? {
          add: (lock, now) => main.ask('addLock', lock, now),
          clear: () => Promise.reject(new Error('locks are opened by the main thread')),
          since: (change, limit) => main.ask('locksSince', change, limit),
          purge: () => Promise.resolve(0),
        }
      : undefined,
    close: () => Promise.resolve(),
  }
}

/** The main thread adds up what its workers have seen; nothing of before is needed here. */
function inventoryOf(main: Main): InventoryStore {
  return {
    load: () => Promise.resolve([]),
    async add(sightings) {
      await main.ask('absorbInventory', sightings)
      return sightings
    },
    forget: () => Promise.resolve(),
  }
}

/** Findings are the main thread's, and so is who is held; it is heard of within seconds. */
function holdsOf(main: Main): HoldStore {
  return {
    put: () => Promise.reject(new Error('holds are made by the main thread')),
    live: (now) => main.ask('liveHolds', now),
    remove: () => Promise.resolve(0),
    purge: () => Promise.resolve(0),
  }
}

function quotasOf(main: Main): QuotaStore {
  return {
    take: (key, spec, cost, at) => main.ask('takeQuota', key, spec, cost, at),
    charge: (key, spec, cost, at) => main.ask('chargeQuota', key, spec, cost, at),
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown'
}
