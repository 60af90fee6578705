import type { AuditEvent } from '../../../kernel/event.ts'
import type { Progress, Reply } from '../../../kernel/facts.ts'
import type { InventoryStore, Sighting } from '../../../kernel/inventory.ts'
import type { Operation } from '../../../kernel/operation.ts'
import type { SchemaError } from '../../../kernel/verdict.ts'
import { framesOf } from '../frames.ts'
import type { Log } from '../log.ts'
import { createLooker } from './look.ts'
import { lookInto } from './look-into.ts'
import type { Looked } from './looked.ts'
import { PathTemplates } from './path-template.ts'
import { count, mergeSightings, Seen } from './seen.ts'
import { typeOfText } from './seen-type.ts'
import { shapeName } from './shape-name.ts'

export interface InventoryOptions {
  /** How often what was seen is written. */
  readonly flushMs?: number
  /** Undeclared operations that are remembered. */
  readonly mostShadows?: number
  /** Which API a path would belong to, and the path below its base path. */
  apiOf(path: string): { readonly api: string; readonly path: string }
  readonly log?: Log
}

/** One call as the batch knows it. */
export interface Called {
  readonly event: AuditEvent
  readonly operation: Operation | undefined
  readonly errors: readonly SchemaError[] | undefined
  readonly looked: Looked | undefined
}

/** What is called, declared or not: shapes and counts, in bounded memory. */
export interface Inventory {
  /** What contracts declare now: undeclared paths below it get its names of parameters. */
  declare(operations: readonly Pick<Operation, 'api' | 'template'>[]): void
  /** On the hot path. */
  take(progress: Progress, reply: Reply | undefined): Looked | undefined
  /** In the batch. */
  observe(called: Called): void
  /** Adds what another thread has seen. */
  absorb(sightings: readonly Sighting[]): void
  /** Everything that was seen, also before the last restart. */
  sightings(): readonly Sighting[]
  /** Reads what was kept, and keeps it there from now on. Without it nothing outlives the process. */
  start(store: InventoryStore): Promise<void>
  flush(): Promise<void>
  close(): Promise<void>
}

export function createInventory(options: InventoryOptions): Inventory {
  const { flushMs = 30_000, mostShadows = 500 } = options
  let store: InventoryStore | undefined
  const looker = createLooker()
  const templates = new PathTemplates()
  /** As it was kept the last time, and what came since. */
  const kept = new Map<string, Sighting>()
  let fresh = new Map<string, Seen>()
  let running: Promise<void> | undefined
  const timer = setInterval(() => void flush(), flushMs)
  timer.unref()

  function of(kind: Sighting['kind'], api: string, name: string): Seen {
    const key = `${kind}\0${api}\0${name}`
    const known = fresh.get(key)
    if (known !== undefined) return known
    const made = new Seen({ kind, api, name })
    fresh.set(key, made)
    return made
  }

  function shadowOf(event: AuditEvent): Seen | undefined {
    if (event.path === '' || !/^[A-Z]{1,16}$/.test(event.method)) return undefined
    const { api, path } = options.apiOf(event.path)
    const name = `${event.method} ${templates.of(api, path)}`.slice(0, 280)
    const key = `shadow\0${api}\0${name}`
    // Whoever makes up paths does not push out what is known; flushing makes room.
    if (!fresh.has(key) && !kept.has(key) && countShadows(fresh) >= mostShadows) return undefined
    return of('shadow', api, name)
  }

  function observe({ event, operation, errors, looked }: Called): void {
    const undeclared = event.code === 'MATCH_NO_OPERATION' || event.code === 'MATCH_METHOD'
    const seen =
      operation !== undefined
        ? of('operation', operation.api, operation.id)
        : undeclared
          ? shadowOf(event)
          : undefined
    if (seen === undefined) {
      if (looked !== undefined) looker.done(looked)
      return
    }
    seen.calls++
    if (event.code !== undefined) seen.refused++
    seen.first = Math.min(seen.first, event.time)
    seen.last = Math.max(seen.last, event.time)
    seen.callers.add(event.sub === '' ? event.address : `${event.issuer}/${event.sub}`)
    count(seen.statuses, `${Math.trunc(event.status / 100)}xx`, 1)
    count(seen.authentication, looked?.presented ?? event.credentialKind, 1)
    for (const { pointer, code } of errors ?? [])
      if (code === 'undeclared' && pointer.startsWith('/body/'))
        lookInto.property(seen, 'request', pointer.slice('/body'.length), 'unknown')
    for (const note of event.notes)
      if (note.check === 'screen.prune') lookInto.pruned(seen, note.reason ?? '')
    if (looked === undefined) return
    for (const { name, value } of looked.parameters)
      count(seen.parameters, shapeName(name), 1, typeOfText(value))
    if (looked.mediaType !== undefined) {
      const type = /^\s*([a-z0-9.+-]{1,40}\/[a-z0-9.+-]{1,60})/i.exec(looked.mediaType)?.[1]
      if (type !== undefined) count(seen.mediaTypes, type.toLowerCase(), 1)
    }
    looker.done(looked)
    if (operation !== undefined) lookInto.bodies(seen, operation, event.status, looked)
  }

  function flush(): Promise<void> {
    running ??= write().finally(() => {
      running = undefined
    })
    return running
  }

  async function write(): Promise<void> {
    const seen = [...fresh.values()].map((one) => one.sighting())
    if (seen.length === 0) return
    const before = fresh
    fresh = new Map()
    looker.reset()
    try {
      const now = store === undefined ? seen.map(inMemory) : await store.add(seen, mergeSightings)
      for (const one of now) kept.set(keyOf(one), one)
      await forgetOldest()
    } catch (error) {
      // Nothing is lost: it is written the next time.
      for (const [key, one] of before) {
        const since = fresh.get(key)
        if (since !== undefined) one.add(since.sighting())
        fresh.set(key, one)
      }
      options.log?.error({ frames: framesOf(error) }, 'the inventory could not be written')
    }
  }

  function inMemory(seen: Sighting): Sighting {
    const known = kept.get(keyOf(seen))
    return known === undefined ? seen : mergeSightings(known, seen)
  }

  /** Undeclared operations that nobody asked for longest go first; those that came with a credential stay longer. */
  async function forgetOldest(): Promise<void> {
    const shadows = [...kept.values()].filter(({ kind }) => kind === 'shadow')
    if (shadows.length <= mostShadows) return
    const gone = shadows
      .sort((a, b) => Number(isPresented(a)) - Number(isPresented(b)) || a.last - b.last)
      .slice(0, shadows.length - mostShadows)
    for (const one of gone) kept.delete(keyOf(one))
    await store?.forget(gone)
  }

  return {
    declare(operations) {
      for (const { api, template } of operations) templates.declare(api, template)
    },
    take: looker.take,
    observe,
    absorb(sightings) {
      for (const one of sightings) of(one.kind, one.api, one.name).add(one)
    },
    sightings() {
      const all = new Map(kept)
      for (const [key, seen] of fresh) {
        const before = all.get(key)
        all.set(key, before === undefined ? seen.sighting() : mergeSightings(before, seen.sighting()))
      }
      return [...all.values()]
    },
    async start(from) {
      for (const one of await from.load()) {
        const known = kept.get(keyOf(one))
        kept.set(keyOf(one), known === undefined ? one : mergeSightings(one, known))
      }
      store = from
    },
    flush,
    async close() {
      clearInterval(timer)
      await running
      await flush()
    },
  }
}

/** True where somebody showed a credential: likely a client that knows the endpoint, not somebody who guesses. */
function isPresented({ authentication }: Sighting): boolean {
  return authentication.some(([kind]) => kind !== 'none' && kind !== 'cookie')
}

function countShadows(seen: ReadonlyMap<string, Seen>): number {
  let shadows = 0
  for (const { kind } of seen.values()) if (kind === 'shadow') shadows++
  return shadows
}

function keyOf({ kind, api, name }: Pick<Sighting, 'kind' | 'api' | 'name'>): string {
  return `${kind}\0${api}\0${name}`
}
