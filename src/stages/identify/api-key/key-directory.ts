import type { ApiKey, ApiKeyStore } from '../../../kernel/api-key.ts'
import { type Clock, systemClock } from '../../../kernel/clock.ts'
import { createFollower } from '../follower.ts'
import { type KnownKey, knownKeyOf } from './known-key.ts'

/** API keys in memory, kept up to date with their store. */
export interface KeyDirectory {
  /** The key of an id. A promise only where the store has to be asked; rejects where it cannot be. */
  find(id: string): KnownKey | undefined | Promise<KnownKey | undefined>
  /** Notes that a key was used; written later, together with others. */
  used(id: string, now: number): void
  /** False while the store cannot be read: a key that was revoked could not be told. */
  isFresh(): boolean
  /** Loads what it may hold. Rejects where the store cannot be read. */
  start(): Promise<void>
  /** Writes the uses that are still to be written. */
  close(): Promise<void>
}

export interface KeyDirectoryOptions {
  readonly store: ApiKeyStore
  readonly clock?: Clock
  /** Default 300. */
  readonly everyMs?: number
  /** Default 4,000. */
  readonly staleMs?: number
  /** Keys held; default 10,000. */
  readonly capacity?: number
  /** Between two writes of uses, and how exact `lastUsed` is; default 10,000. */
  readonly touchMs?: number
}

const page = 500
const maxLookUps = 256
/** Least time between two reads that unknown ids ask for. */
const askMs = 50

/**
 * While all keys fit, an id that is not here does not exist, unless it was made a moment ago: such a call waits for
 * the next read, and all such calls share one, so that a flood of made-up ids costs twenty reads a second. Where they
 * do not fit, ids are looked up one by one.
 */
export function createKeyDirectory(options: KeyDirectoryOptions): KeyDirectory {
  const { store, clock = systemClock, everyMs = 300, staleMs = 4000, capacity = 10_000 } = options
  const { touchMs = 10_000 } = options
  const known = new Map<string, KnownKey>()
  const looking = new Map<string, Promise<KnownKey | undefined>>()
  /** Changes that were read while look-ups were under way, by id. */
  const meanwhile = new Map<string, number>()
  let uses = new Map<string, number>()
  let noted = new Map<string, number>()
  let complete = true
  let change = 0
  let asked: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  function learn(key: ApiKey): void {
    if (looking.size > 0) meanwhile.set(key.id, key.change)
    if (known.has(key.id)) known.set(key.id, knownKeyOf(key))
    else if (complete && known.size < capacity) known.set(key.id, knownKeyOf(key))
    else complete = false
  }

  async function read(): Promise<void> {
    for (;;) {
      const { latest, keys } = await store.changes(change, page)
      for (const key of keys) learn(key)
      if (keys.length < page) {
        change = Math.max(change, latest, keys.at(-1)?.change ?? 0)
        return
      }
      change = keys.at(-1)?.change ?? change
    }
  }

  const follower = createFollower({ read, clock, everyMs, staleMs })

  function soon(): Promise<void> {
    asked ??= new Promise<void>((resolve) => setTimeout(resolve, askMs)).then(() => {
      asked = undefined
      return follower.now()
    })
    return asked
  }

  async function lookUp(id: string): Promise<KnownKey | undefined> {
    try {
      for (;;) {
        const found = await store.find(id)
        if (found === undefined) return undefined
        // Changed since it was read, and whoever read the change did not know that it is wanted here.
        if (found.change < (meanwhile.get(id) ?? 0)) continue
        const made = knownKeyOf(found)
        const [oldest] = known.keys()
        if (known.size >= capacity && oldest !== undefined) known.delete(oldest)
        known.set(id, made)
        return made
      }
    } finally {
      looking.delete(id)
      if (looking.size === 0) meanwhile.clear()
    }
  }

  async function flush(): Promise<void> {
    if (uses.size === 0) return
    const writing = uses
    uses = new Map()
    try {
      await store.touch(writing)
    } catch {
      // Next time, with what came since.
      for (const [id, time] of writing) if (!uses.has(id)) uses.set(id, time)
    }
  }

  return {
    find(id) {
      const here = known.get(id)
      if (here !== undefined) return here
      if (complete) return soon().then(() => known.get(id) ?? (complete ? undefined : this.find(id)))
      let running = looking.get(id)
      if (running === undefined) {
        if (looking.size >= maxLookUps) return Promise.reject(new Error('too many look-ups at once'))
        running = lookUp(id)
        looking.set(id, running)
      }
      return running
    },
    used(id, now) {
      if (now - (noted.get(id) ?? 0) < touchMs) return
      if (noted.size >= capacity) noted = new Map()
      noted.set(id, now)
      uses.set(id, now)
    },
    isFresh: follower.isFresh,
    async start() {
      await follower.start()
      timer = setInterval(() => void flush(), touchMs).unref()
    },
    async close() {
      clearInterval(timer)
      follower.close()
      await flush()
    },
  }
}
