import { createHash } from 'node:crypto'
import { unwatched } from '../../kernel/store-watch.ts'
import { connect } from './connection.ts'
import { createDeadlines } from './deadlines.ts'
import { isLoss } from './loss.ts'
import type { RedisOptions } from './options.ts'
import { reasonOf } from './reason.ts'
import type { Script } from './script.ts'

/** A place in the store: its key, and the group of keys that lie on one server and are lost together. */
export interface Place {
  readonly key: string
  readonly group: number
}

/** The store as the stores of this folder see it. Every method rejects at once while what it needs is lost. */
export interface RedisLink {
  /** A place for a value of some kind, under a name of any text; names are kept as digests. */
  place(kind: string, name: string): Place
  /** The whole name of a channel, for scripts. */
  channel(name: string): string
  run(script: Script, place: Place, args: readonly string[]): Promise<unknown>
  command(place: Place, name: string, args: readonly string[]): Promise<unknown>
  publish(channel: string, message: string): Promise<void>
  /** Calls `heard` with each message; what was said while the connection was broken is not heard. */
  listen(channel: string, heard: (message: string) => void): Promise<void>
  /** What the server does when it is full; undefined where it does not say. */
  evictionPolicy(): Promise<string | undefined>
  /** False while all of it, or some of it, does not answer. */
  isUp(): boolean
  close(): void
}

/** One for all: a store that is lost is asked a lot. */
const away = new Error('the store does not answer')
const groups = 256
const probeMs = 200
/** How long a connection that does not answer is kept before a new one is made. */
const renewMs = { single: 2_000, sentinel: 1_000, cluster: 3_000 } as const
const openMs = 5_000

/**
 * Opens the store. What does not answer in time is lost: calls for it reject without waiting, and one question each 200 ms
 * finds out when it is back. A cluster is lost a group of keys at a time. Rejects where it does not answer at first.
 */
export async function createRedisLink(options: RedisOptions): Promise<RedisLink> {
  const { prefix, timeoutMs, watch = unwatched } = options
  const deadlines = createDeadlines(timeoutMs)
  const listeners: (readonly [channel: string, heard: (message: string) => void])[] = []
  /** Groups that are lost, and since when. */
  const lost = new Map<number, number>()
  let timer: NodeJS.Timeout | undefined
  let closed = false
  let renewing = false
  let renewedAt = performance.now()
  let opened = false
  const onError = (error: unknown): void => {
    // Of a cluster a part is lost, and found to be so when it is asked.
    if (opened && options.mode !== 'cluster') lose(0, error)
  }
  let connection = await connect(options, onError, openMs)
  opened = true

  function placeOf(kind: string, digest: string): Place {
    const group = options.mode === 'cluster' ? Number.parseInt(digest.slice(0, 2), 16) % groups : 0
    // What is in braces decides on the server: kinds of one name are together.
    return { key: `${prefix}:{${digest.slice(0, 2)}}:${kind}:${digest}`, group }
  }

  async function ask(place: Place, args: readonly string[]): Promise<unknown> {
    if (lost.has(place.group)) throw away
    try {
      const answer = await deadlines.guard(connection.send(place.key, args))
      if (lost.size === 0) watch.works()
      return answer
    } catch (error) {
      if (isLoss(error)) lose(place.group, error)
      throw error
    }
  }

  function lose(group: number, error: unknown): void {
    if (closed) return
    watch.failed(reasonOf(error))
    if (lost.has(group)) return
    if (lost.size === 0) renewedAt = performance.now()
    lost.set(group, performance.now())
    timer ??= setInterval(probe, probeMs).unref()
  }

  /** Asks for what is lost, and replaces a connection that does not come back by itself. */
  function probe(): void {
    for (const group of lost.keys()) {
      const { key } = placeOf('probe', group.toString(16).padStart(2, '0'))
      deadlines.guard(connection.send(key, ['EXISTS', key])).then(
        () => {
          lost.delete(group)
          if (lost.size > 0) return
          clearInterval(timer)
          timer = undefined
          watch.works()
        },
        () => undefined,
      )
    }
    if (!renewing && performance.now() - renewedAt > renewMs[options.mode]) void renew()
  }

  async function renew(): Promise<void> {
    renewing = true
    try {
      const made = await connect(options, onError, 2_000)
      if (closed) return made.end()
      const before = connection
      connection = made
      before.end()
      for (const [channel, heard] of listeners) await deadlines.guard(made.subscribe(channel, heard))
    } catch {
      // The next turn tries again.
    } finally {
      renewing = false
      renewedAt = performance.now()
    }
  }

  return {
    place: (kind, name) =>
      placeOf(kind, createHash('sha256').update(name, 'utf16le').digest('hex').slice(0, 32)),
    channel: (name) => `${prefix}:${name}`,
    async run(script, place, args) {
      try {
        return await ask(place, ['EVALSHA', script.digest, '1', place.key, ...args])
      } catch (error) {
        if (!isUnknownScript(error)) throw error
        return ask(place, ['EVAL', script.text, '1', place.key, ...args])
      }
    },
    command: (place, name, args) => ask(place, [name, place.key, ...args]),
    async publish(channel, message) {
      await ask(placeOf('channel', '00'), ['PUBLISH', `${prefix}:${channel}`, message])
    },
    async listen(channel, heard) {
      const name = `${prefix}:${channel}`
      listeners.push([name, heard])
      await deadlines.guard(connection.subscribe(name, heard))
    },
    async evictionPolicy() {
      const { key, group } = placeOf('probe', '00')
      const info = String(await ask({ key, group }, ['INFO', 'memory']))
      if (/^maxmemory:0\s/m.test(info)) return 'noeviction'
      return /^maxmemory_policy:(\S+)/m.exec(info)?.[1]
    },
    isUp: () => lost.size === 0,
    close() {
      closed = true
      clearInterval(timer)
      connection.end()
    },
  }
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT')
}
