// A thread that serves calls: its own listeners on the port that all workers share, its own compiled gate.
import { workerData } from 'node:worker_threads'
import { loadConfig } from '../../config/load-config.ts'
import type { LoadedConfig } from '../../config/loaded-config.ts'
import { digestsOf } from '../../config/watch-config.ts'
import { createListeners, type Listeners } from '../../stages/listen/create-listeners.ts'
import { readTlsContext } from '../../stages/listen/tls-context.ts'
import { framesOf } from '../../stages/record/frames.ts'
import type { NearAuthority } from '../authority/authority-house.ts'
import { type CompiledGate, compileGate } from '../compile-gate.ts'
import { doorOf } from '../door-of.ts'
import { listenOptionsOf } from '../listen-options.ts'
import { compilePolicy } from '../policy/compile-policy.ts'
import { hasLocks } from '../policy/has-locks.ts'
import type { Policy } from '../policy/policy.ts'
import { writtenHosts } from '../written-hosts.ts'
import { type Channel, createChannel } from './channel.ts'
import type { AuthorityPlace, MainAnswers, WorkerAnswers, WorkerStart } from './messages.ts'
import { shareOfWorker } from './share-of-worker.ts'
import { createSharedCap } from './shared-cap.ts'
import { createWorkerServices, type WorkerServices } from './worker-services.ts'

interface Serving {
  readonly loaded: LoadedConfig
  readonly policy: Policy
  readonly compiled: CompiledGate
}

/** How long calls may take to end where the worker ends because of a fault. */
const failingGraceMs = 5_000
const healthMs = 500

const start = workerData as WorkerStart
// Asked by the main thread before anything here has been read: what follows is awaited by each answer.
const begun = begin()
const main: Channel<MainAnswers> = createChannel<WorkerAnswers, MainAnswers>({
  port: start.port,
  answers: {
    open: async (ports) => (await begun).open(ports),
    prepare: async (digests) => (await begun).prepare(digests),
    settle: async (inForce) => (await begun).settle(inForce),
    metrics: async () => (await begun).metrics(),
    ledgerChanged: async (holder, removed) => (await begun).ledgerChanged(holder, removed),
    identityKeys: async (keys) => (await begun).identityKeys(keys),
    close: async (graceMs) => (await begun).close(graceMs),
  },
})
begun.catch(() => undefined)
process.on('uncaughtException', (error) => {
  main.tell('failing')
  begun.then((worker) => worker.fail(error)).catch(() => process.exit(1))
})

async function begin(): Promise<Worker> {
  // The channel is there once this function is left for the first time.
  await Promise.resolve()
  const first = await compile(start.digests)
  const services = await createWorkerServices(first.loaded.config, start, main)
  return createWorker(first, services)
}

interface Worker extends Omit<WorkerAnswers, 'open' | 'prepare' | 'settle' | 'metrics' | 'close'> {
  open(ports: readonly number[]): Promise<ReturnType<WorkerAnswers['open']>>
  prepare(digests: ReadonlyMap<string, string>): Promise<readonly string[]>
  settle(inForce: boolean): void
  metrics(): Promise<ReturnType<WorkerAnswers['metrics']>>
  close(graceMs: number): Promise<void>
  fail(error: unknown): Promise<void>
}

/** Reads the files again. Rejects where they are not those that the main thread has put in force. */
async function compile(digests: ReadonlyMap<string, string>): Promise<Omit<Serving, 'compiled'>> {
  const loaded = shareOfWorker(await loadConfig(start.file, process.env), start.workers)
  const own = digestsOf(loaded.files)
  for (const [file, digest] of digests)
    if (own.get(file) !== digest) throw new Error(`${file} is not what is in force`)
  return { loaded, policy: await compilePolicy(loaded) }
}

function createWorker(first: Omit<Serving, 'compiled'>, services: WorkerServices): Worker {
  const authority = start.authority === undefined ? undefined : nearAuthority(start.authority)
  let serving: Serving | undefined
  let prepared: Serving | undefined
  let listeners: Listeners | undefined
  let closing: Promise<void> | undefined
  let told = ''

  const tellHealth = (): void => {
    const issuers = serving?.compiled.identify.health().map(({ issuer, keys }) => ({ issuer, keys })) ?? []
    const text = JSON.stringify(issuers)
    if (text === told) return
    told = text
    main.tell('health', issuers)
  }
  const timer = setInterval(tellHealth, healthMs)
  timer.unref()

  const compileAll = async ({ loaded, policy }: Omit<Serving, 'compiled'>): Promise<Serving> => {
    if (hasLocks(policy)) await services.locks?.follow()
    return { loaded, policy, compiled: compileGate(policy, services, authority) }
  }

  const end = async (graceMs: number): Promise<void> => {
    clearInterval(timer)
    await listeners?.close(graceMs)
    await prepared?.compiled.close()
    await serving?.compiled.close()
    await services.close()
  }

  return {
    async open(ports) {
      const made = await compileAll(first)
      serving = made
      const options = listenOptionsOf(first.loaded)
      const { connectionsPerAddress } = first.loaded.config.bounds
      listeners = await createListeners(
        {
          ...options,
          listeners: options.listeners.map((one, i) => ({
            ...one,
            port: ports[i] ?? one.port,
            spread: true,
          })),
          load: createSharedCap(services.connections, start.owner, connectionsPerAddress),
        },
        doorOf(made.compiled, services),
      )
      void made.compiled.identify.ready().then(tellHealth)
      tellHealth()
      return {
        addresses: listeners.addresses,
        notes: listeners.notes,
        findings: made.compiled.findings.map(({ message }) => message),
      }
    },
    async prepare(digests) {
      await prepared?.compiled.close()
      prepared = undefined
      const next = await compile(digests)
      for (const { tls } of listenOptionsOf(next.loaded).listeners)
        if (tls !== undefined && tls !== 'development') readTlsContext(tls)
      services.outbound.allow(writtenHosts(next.loaded.config))
      const made = await compileAll(next)
      await made.compiled.identify.ready()
      prepared = made
      return made.compiled.findings.map(({ message }) => message)
    },
    settle(inForce) {
      const next = prepared
      prepared = undefined
      if (next === undefined) return
      if (!inForce) return void next.compiled.close()
      // They were read without a fault a moment ago; what is broken since stays as it was.
      try {
        listeners?.replaceCertificates(listenOptionsOf(next.loaded).listeners)
      } catch (error) {
        services.log.error({ frames: framesOf(error) }, 'certificates could not be replaced')
      }
      const before = serving
      serving = next
      listeners?.swap(doorOf(next.compiled, services))
      // Calls under way end in the gate they entered.
      void before?.compiled.close()
    },
    metrics: async () =>
      (await services.metrics.registry.getMetricsAsJSON()) as unknown as ReturnType<WorkerAnswers['metrics']>,
    ledgerChanged: (holder, removed) => services.sharedLedger.changed(holder, removed),
    identityKeys: (keys) => services.assertion.use(keys),
    close(graceMs) {
      closing ??= end(graceMs)
      return closing
    },
    async fail(error) {
      services.log.error({ frames: framesOf(error) }, 'a worker failed and ends')
      const hard = setTimeout(() => process.exit(1), 2 * failingGraceMs)
      await this.close(failingGraceMs).catch(() => undefined)
      clearTimeout(hard)
      process.exit(1)
    },
  }
}

function nearAuthority({ issuer, mount, issuerName, socketPath }: AuthorityPlace): NearAuthority {
  return {
    authority: { issuer, mount, publicKeys: () => main.ask('authorityKeys') },
    socket: {
      path: socketPath,
      admit: (arrival) => main.ask('admitGuest', arrival),
      conclude: (ticket) => main.ask('concludeGuest', ticket).catch(() => undefined),
    },
    issuerName,
  }
}
