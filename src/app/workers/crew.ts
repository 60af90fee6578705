import { extname } from 'node:path'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import type { IdentityKey } from '../../stages/forward/identity-key.ts'
import type { Log } from '../../stages/record/log.ts'
import type { SharedStores } from '../../stores/memory/shared-stores.ts'
import { type Answers, type Channel, createChannel } from './channel.ts'
import type { SharedAnswers } from './main-answers.ts'
import type { IssuerHealth, MainAnswers, NewsItem, Opened, WorkerAnswers, WorkerStart } from './messages.ts'
import { tellNews } from './news.ts'
import { lastingMetrics, type MetricJson, sumMetrics } from './sum-metrics.ts'

/** What a worker is started with that is the same for all, asked for anew each time. */
export type CrewStart = Omit<WorkerStart, 'owner' | 'port' | 'news'>

export interface CrewOptions {
  readonly size: number
  readonly start: () => CrewStart
  readonly answers: SharedAnswers
  readonly stores: Pick<SharedStores, 'leave'>
  readonly log: Log
  /** The module of a worker; for tests. */
  readonly module?: URL
}

/** The workers of a gateway: all that serve, and whoever takes the place of one that died. */
export interface Crew {
  /** Starts them: the first alone, so that files are made once and ports are known to the rest. Rejects with `Unusable`. */
  open(ports: readonly number[]): Promise<Opened>
  /** Tells all what must count before their next decision. */
  tell(item: NewsItem): void
  ledgerChanged(holder: string, removed: readonly string[]): void
  /** Has all sign with other keys, those that begin too. */
  identityKeys(keys: readonly IdentityKey[]): void
  /** Has all compile what is on disk, then puts it in force in all or in none; notes of the new gate. */
  reload(digests: ReadonlyMap<string, string>): Promise<readonly string[]>
  /** All that serve now. */
  readonly threads: readonly Worker[]
  /** Workers that died. */
  readonly deaths: number
  /** Issuers with the least keys that any worker has of them. */
  health(): readonly IssuerHealth[]
  metrics(): Promise<readonly (readonly MetricJson[])[]>
  close(graceMs: number): Promise<void>
}

interface Member {
  readonly owner: number
  readonly thread: Worker
  readonly channel: Channel<WorkerAnswers>
  readonly news: MessagePort
  readonly count: SharedArrayBuffer
  readonly born: number
  serving: boolean
  /** Another has been asked for in its place. */
  replaced: boolean
  issuers: readonly IssuerHealth[]
  metrics: readonly MetricJson[]
}

const firstPauseMs = 100
const longestPauseMs = 10_000
/** A worker that lived as long starts the count of deaths anew. */
const healthyMs = 30_000
const metricsMs = 5_000
/** How long a worker may take to end after its calls were cut. */
const endMs = 7_000

/** `owner` numbers begin at 2: the main thread is 1. */
export function createCrew(options: CrewOptions): Crew {
  const { log, answers, stores } = options
  const module = options.module ?? new URL(`./worker${extname(import.meta.url)}`, import.meta.url)
  const members = new Set<Member>()
  const timers = new Set<NodeJS.Timeout>()
  let departed: readonly MetricJson[] = []
  let nextOwner = 2
  let ports: readonly number[] = []
  let deaths = 0
  let inRow = 0
  let closing = false
  let opened = false
  /** One at a time: a reload, or a worker that begins. */
  let turn: Promise<unknown> = Promise.resolve()

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = turn.then(work, work)
    turn = run.catch(() => undefined)
    return run
  }

  function spawn(): Member {
    const owner = nextOwner++
    const way = new MessageChannel()
    const news = new MessageChannel()
    const count = new SharedArrayBuffer(4)
    const workerData: WorkerStart = {
      ...options.start(),
      owner,
      port: way.port1,
      news: { port: news.port1, count },
    }
    const thread = new Worker(module, {
      workerData,
      transferList: [way.port1, news.port1],
      name: `sallyport-${owner}`,
    })
    const near: Answers<MainAnswers> = {
      ...answers,
      health(issuers) {
        member.issuers = issuers
      },
      failing: () => replace(member),
    }
    const member: Member = {
      owner,
      thread,
      channel: createChannel<MainAnswers, WorkerAnswers>({
        port: way.port2,
        answers: near,
        timeoutMs: 60_000,
      }),
      news: news.port2,
      count,
      born: performance.now(),
      serving: false,
      replaced: false,
      issuers: [],
      metrics: [],
    }
    members.add(member)
    thread.on('error', (error) =>
      log.error(
        { worker: owner, reason: error instanceof Error ? error.message : 'unknown' },
        'a worker died of an error',
      ),
    )
    thread.on('exit', (code) => bury(member, code))
    return member
  }

  function bury(member: Member, code: number): void {
    members.delete(member)
    member.channel.close()
    member.news.close()
    stores.leave(member.owner)
    departed = sumMetrics([departed, lastingMetrics(member.metrics)])
    if (closing || !opened) return
    deaths++
    log.error({ worker: member.owner, code }, 'a worker is gone')
    replace(member)
  }

  /** At once the first time, then later and later: a worker that dies as it begins does not eat the machine. */
  function replace(member: Member): void {
    if (member.replaced || closing) return
    member.replaced = true
    inRow = performance.now() - member.born > healthyMs ? 1 : inRow + 1
    again()
  }

  function again(): void {
    const pause = inRow <= 1 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** (inRow - 2))
    const timer = setTimeout(() => {
      timers.delete(timer)
      inTurn(async () => {
        if (closing) return
        const next = spawn()
        // Of two that die one after the other, one takes the place of each.
        next.replaced = true
        try {
          await openOne(next)
          next.replaced = false
          log.warn({ worker: next.owner }, 'a worker has taken the place of one that is gone')
        } catch (error) {
          log.error({ worker: next.owner, reason: reasonOf(error) }, 'a worker could not begin')
          void next.thread.terminate()
          inRow++
          if (!closing) again()
        }
      }).catch(() => undefined)
    }, pause)
    timers.add(timer)
  }

  async function openOne(member: Member): Promise<Opened> {
    const exited = new Promise<never>((_resolve, reject) => {
      member.thread.once('exit', () => reject(new Error('it ended as it began')))
    })
    const done = await Promise.race([member.channel.ask('open', ports), exited])
    member.serving = true
    return done
  }

  const serving = (): Member[] => [...members].filter((member) => member.serving)

  async function readMetrics(): Promise<void> {
    await Promise.all(
      serving().map(async (member) => {
        member.metrics = await member.channel.ask('metrics').catch(() => member.metrics)
      }),
    )
  }
  // What a worker had counted when it died is known to some seconds.
  const reading = setInterval(() => void readMetrics(), metricsMs).unref()

  return {
    open: (written) =>
      inTurn(async () => {
        ports = written
        const crew = Array.from({ length: options.size }, spawn)
        const [first, ...rest] = crew
        if (first === undefined) throw new Error('a crew of none')
        const done = await openOne(first)
        ports = done.addresses.map(({ port }) => port)
        await Promise.all(rest.map(openOne))
        opened = true
        return done
      }),
    tell(item) {
      for (const { news, count } of members) tellNews(news, count, item)
    },
    ledgerChanged(holder, removed) {
      for (const { channel } of serving()) channel.tell('ledgerChanged', holder, removed)
    },
    identityKeys(keys) {
      for (const { channel } of members) channel.tell('identityKeys', keys)
    },
    reload: (digests) =>
      inTurn(async () => {
        const all = serving()
        try {
          const notes = await Promise.all(all.map(({ channel }) => channel.ask('prepare', digests)))
          await Promise.all(all.map(({ channel }) => channel.ask('settle', true)))
          return notes[0] ?? []
        } catch (error) {
          await Promise.allSettled(all.map(({ channel }) => channel.ask('settle', false)))
          throw error
        }
      }),
    get threads() {
      return serving().map(({ thread }) => thread)
    },
    get deaths() {
      return deaths
    },
    health() {
      const least = new Map<string, number>()
      for (const { issuers } of serving())
        for (const { issuer, keys } of issuers)
          least.set(issuer, Math.min(keys, least.get(issuer) ?? Number.POSITIVE_INFINITY))
      return [...least].map(([issuer, keys]) => ({ issuer, keys }))
    },
    async metrics() {
      await readMetrics()
      return [departed, ...serving().map((member) => member.metrics)]
    },
    async close(graceMs) {
      closing = true
      clearInterval(reading)
      for (const timer of timers) clearTimeout(timer)
      await Promise.all(
        [...members].map(async ({ channel, thread }) => {
          const exited = new Promise<void>((resolve) => thread.once('exit', () => resolve()))
          let late: NodeJS.Timeout | undefined
          const patience = new Promise<void>((resolve) => {
            late = setTimeout(resolve, graceMs + endMs)
          })
          await Promise.race([channel.ask('close', graceMs).catch(() => undefined), exited, patience])
          clearTimeout(late)
          channel.close()
          await thread.terminate()
        }),
      )
    },
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown'
}
