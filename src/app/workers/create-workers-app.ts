import { randomBytes } from 'node:crypto'
import type { Worker } from 'node:worker_threads'
import { Gauge, Registry } from 'prom-client'
import type { LoadedConfig } from '../../config/loaded-config.ts'
import { digestsOf } from '../../config/watch-config.ts'
import type { IdentityKey } from '../../stages/forward/identity-key.ts'
import type { RevocationList } from '../../stages/identify/revocation-list.ts'
import { ExposedCounter } from '../../stages/record/metrics/exposed.ts'
import { openMetricsOf } from '../../stages/record/metrics/open-metrics.ts'
import { createSharedMemory } from '../../stores/memory/shared-memory.ts'
import { createSharedStores } from '../../stores/memory/shared-stores.ts'
import { type AdminServer, startAdminServer } from '../admin/admin-server.ts'
import { authorityResources } from '../authority/authority-resources.ts'
import { type RunningAuthority, startAuthority } from '../authority/start-authority.ts'
import { createLog } from '../observe/log.ts'
import { compilePolicy } from '../policy/compile-policy.ts'
import { hasLocks } from '../policy/has-locks.ts'
import type { App } from '../running-app.ts'
import { assertSameSockets } from '../same-sockets.ts'
import { provideIdSealer } from '../sealers.ts'
import { createServices, type Services } from '../services.ts'
import { openJournal } from '../state/open-ledger.ts'
import { openAlone, openShared, type Shared } from '../state/open-shared.ts'
import { createStoreHealth } from '../state/store-health.ts'
import { type Crew, createCrew } from './crew.ts'
import { createMainAnswers } from './main-answers.ts'
import type { AuthorityPlace } from './messages.ts'
import { migratesConnections } from './migrates-connections.ts'
import { monotonicShift } from './monotonic-shift.ts'
import { ToldBlocks } from './news-blocks.ts'
import { assertPortsFree } from './ports-free.ts'
import { type MetricJson, sumMetrics, textOf } from './sum-metrics.ts'

/** A gateway whose calls are served by several threads. */
export interface WorkersApp extends App {
  /** The threads that serve now; for tests. */
  readonly threads: readonly Worker[]
}

/**
 * Starts a gateway of `workers` threads that share the listening ports. The main thread keeps what has one writer: the durable
 * store, the chain of the audit log, the authorization server, findings, the admin API. Throws `Unusable`; nothing stays
 * open then. `module`: of a worker, for tests.
 */
export async function createWorkersApp(first: LoadedConfig, module?: URL): Promise<WorkersApp> {
  let loaded = first
  let digests = digestsOf(loaded.files)
  let policy = await compilePolicy(loaded)
  const { config } = loaded
  await assertPortsFree(loaded)
  const memory = createSharedMemory()
  const stores = createSharedStores({ memory, owner: 1, shiftMs: monotonicShift() })
  const blocks = new ToldBlocks((item) => crew?.tell(item))
  const log = createLog()
  let crew: Crew | undefined
  let running: RunningAuthority | undefined
  let admin: AdminServer | undefined
  const undo: (() => Promise<void>)[] = []
  try {
    // Made by one thread before the others read it.
    if (policy.sealed.length > 0) provideIdSealer(config)
    const shared = await sharedOf(loaded, stores)
    let identityKeys: readonly IdentityKey[] = []
    const base = await createServices(config, {
      shared,
      blocks,
      onIdentityKeys(keys) {
        identityKeys = keys
        crew?.identityKeys(keys)
      },
    })
    undo.unshift(() => base.close())
    const services: Services = {
      ...base,
      revocations: toldRevocations(base.revocations, (item) => crew?.tell(item)),
    }
    running = await startAuthority(policy, services)
    if (running !== undefined) undo.unshift(running.close)
    if (hasLocks(policy)) await services.locks?.follow()
    const { kept, shared: heard } = openJournal(services.state, shared.link)
    await heard?.listen(({ holder, removed }) => crew?.ledgerChanged(holder, removed))
    const ledgerSecret = kept === undefined ? randomBytes(16) : await kept.secret()
    const place = running === undefined ? undefined : placeOf(running)
    const made = createCrew({
      size: config.workers,
      start: () => ({
        file: loaded.file,
        digests,
        memory,
        workers: config.workers,
        nonceSecret: services.nonceSecret,
        taintSalt: services.taintSalt,
        ledgerSecret,
        identityKeys,
        authority: place,
        blocks: blocks.live(Date.now()),
        state: {
          kept: services.state.database !== undefined,
          everywhere: services.state.everywhere,
          journal: kept !== undefined,
        },
      }),
      answers: createMainAnswers(services, kept, () => running),
      stores,
      log,
      ...(module !== undefined && { module }),
    })
    crew = made
    undo.unshift(() => made.close(0))
    exposeCrew(services, made)
    const opened = await made.open(config.listen.map(({ port }) => port))
    admin = await startAdminServer(
      loaded,
      {
        ...services,
        metrics: {
          ...services.metrics,
          text: async () => textOf(await metricsOfAll(services, made)),
          openMetrics: async () => openMetricsOf(await metricsOfAll(services, made)),
        },
      },
      () => ({
        policy,
        compiled: { identify: { health: () => made.health() } },
        reasons: made.threads.length === 0 ? ['no worker serves'] : [],
      }),
      running,
    )
    const notes = [...opened.notes, ...(running?.notes ?? [])]
    if (!migratesConnections())
      notes.push(
        'a worker that dies takes with it the connections that wait for it: set net.ipv4.tcp_migrate_req = 1',
      )
    let links = [...(running?.links ?? []), ...(admin?.links ?? [])]
    let findings = opened.findings
    return {
      addresses: [
        ...opened.addresses.map(({ url, redirect, listener }) => ({
          url,
          kind: redirect ? ('redirect' as const) : ('api' as const),
          listener,
        })),
        ...(admin === undefined ? [] : [admin.address]),
      ],
      get notes() {
        return [...notes, ...links, ...findings]
      },
      get threads() {
        return made.threads
      },
      async reload(next) {
        assertSameSockets(loaded, next)
        const nextDigests = digestsOf(next.files)
        const nextPolicy = await compilePolicy(next)
        if (nextPolicy.sealed.length > 0) provideIdSealer(next.config)
        if (hasLocks(nextPolicy)) await services.locks?.follow()
        findings = await made.reload(nextDigests)
        links = []
        loaded = next
        digests = nextDigests
        policy = nextPolicy
        running?.authority.useResources(authorityResources(nextPolicy))
      },
      async close(graceMs = config.timeouts.drain) {
        await made.close(graceMs)
        await admin?.close()
        await running?.close()
        await base.close()
      },
    }
  } catch (error) {
    for (const step of undo) await step()
    throw error
  }
}

/** What threads have in common; with Redis that is what machines have in common, in each thread. */
async function sharedOf(
  { config }: LoadedConfig,
  stores: ReturnType<typeof createSharedStores>,
): Promise<Shared> {
  if (config.store.shared.kind === 'memory')
    return { ...openAlone(), limits: stores.limits, replays: stores.replays }
  const log = createLog()
  return openShared(config.store, createStoreHealth(new Registry(), log), log)
}

/** Whoever revokes here does it for all workers, before it resolves. */
function toldRevocations(
  list: RevocationList,
  tell: (item: { readonly revoked: Awaited<ReturnType<RevocationList['revoke']>> }) => void,
): RevocationList {
  return {
    judge: list.judge,
    async revoke(revocation) {
      const revoked = await list.revoke(revocation)
      tell({ revoked })
      return revoked
    },
    learn: list.learn,
    start: list.start,
    get size() {
      return list.size
    },
    close: list.close,
  }
}

function placeOf({ authority, issuerName, socket }: RunningAuthority): AuthorityPlace {
  return { issuer: authority.issuer, mount: authority.mount, issuerName, socketPath: socket.path }
}

async function metricsOfAll({ metrics }: Services, crew: Crew): Promise<readonly MetricJson[]> {
  const own = (await metrics.registry.getMetricsAsJSON()) as unknown as readonly MetricJson[]
  return sumMetrics([own, ...(await crew.metrics())])
}

function exposeCrew({ metrics }: Services, crew: Crew): void {
  new Gauge({
    name: 'sallyport_workers',
    help: 'Threads that serve calls now.',
    registers: [metrics.registry],
    collect() {
      this.set(crew.threads.length)
    },
  })
  new ExposedCounter<never>(
    {
      name: 'sallyport_worker_deaths_total',
      help: 'Threads that ended without being told to; each is replaced.',
      labelNames: [],
      registry: metrics.registry,
    },
    () => [{ labels: {}, value: crew.deaths }],
  )
}
