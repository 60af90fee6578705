import Type, { type Static } from 'typebox'
import { duration, size, text } from '../document/words.ts'
import { bytes, milliseconds, type Reading, type Section } from '../reading.ts'
import { shape } from '../shape.ts'
import type { BoundConfig, StoreConfig, TimeoutConfig } from '../types/gateway-config.ts'
import type { LogConfig } from '../types/record-config.ts'
import { type PostgresConfig, parsePostgresAddress } from '../values/postgres-address.ts'
import { parseRedisAddress } from '../values/redis-address.ts'
import { AddressError } from '../values/store-address.ts'

export const trustedProxiesSchema = Type.Array(Type.String({ format: 'cidr' }), {
  description:
    'Address blocks of the proxies in front of the gateway: only they may say who the caller is (`Forwarded`, `X-Forwarded-*`). Nobody by default.',
  default: [],
  examples: [['10.0.0.0/8']],
}) as import('typebox').TSchema

export const workersSchema = Type.Union([Type.Integer({ minimum: 1, maximum: 256 }), Type.Literal('auto')], {
  description:
    'Threads that serve calls, or `auto` for one a core. More than 1 needs a kernel that spreads connections over them (Linux, FreeBSD); elsewhere `auto` is 1. Limits, replays, revocations and given objects are exact across all of them.',
  default: 1,
}) as import('typebox').TSchema

export const stateSchema = text(
  'Folder for what the gateway makes itself: the development authority, its signing keys.',
  { default: '.sallyport' },
) as import('typebox').TSchema

const store = shape('Where the gateway keeps things.', {
  durable: text(
    'Audit events and what must outlive a restart: `sqlite:FILE`, `sqlite::memory:`, `none`, or `postgres://…`.',
    {
      default: 'sqlite:sallyport.db',
    },
  ),
  shared: text(
    'What gateways that serve the same callers have in common: counters of limits, used one-time values, revocations, given objects. `memory` (of one process), `redis://…` or `rediss://…`.',
    { default: 'memory' },
  ),
})

export const storeSection: Section<StoreConfig> = {
  schema: { ...store, default: {} },
  read(raw, pointer, reading) {
    const { durable, shared } = raw as Static<typeof store>
    return { durable: readDurable(durable, pointer, reading), shared: readShared(shared, pointer, reading) }
  },
}

function readDurable(durable: string, pointer: string, reading: Reading): StoreConfig['durable'] {
  if (durable === 'none') return { kind: 'none' }
  const file = /^sqlite:(.+)$/.exec(durable)?.[1]
  if (file !== undefined) return { kind: 'sqlite', file: file === ':memory:' ? file : reading.path(file) }
  if (/^postgres(ql)?:/i.test(durable))
    return (
      readAddress(`${pointer}/durable`, reading, () => withFiles(durable, `${pointer}/durable`, reading)) ?? {
        kind: 'none',
      }
    )
  reading.error(
    `${pointer}/durable`,
    'config.store',
    'the durable store must be `sqlite:FILE`, `none` or `postgres://…`',
    'write `durable: "sqlite:sallyport.db"`',
  )
  return { kind: 'none' }
}

function readShared(shared: string, pointer: string, reading: Reading): StoreConfig['shared'] {
  if (shared === 'memory') return { kind: 'memory' }
  if (/^rediss?:/i.test(shared))
    return (
      readAddress(`${pointer}/shared`, reading, () => {
        const redis = parseRedisAddress(shared)
        const { authorities } = redis
        return authorities === undefined
          ? redis
          : { ...redis, authorities: reading.file(authorities, `${pointer}/shared`) }
      }) ?? { kind: 'memory' }
    )
  reading.error(
    `${pointer}/shared`,
    'config.store',
    'the shared store must be `memory`, `redis://…` or `rediss://…`',
    'write `shared: memory`',
  )
  return { kind: 'memory' }
}

function withFiles(durable: string, pointer: string, reading: Reading): PostgresConfig {
  const postgres = parsePostgresAddress(durable)
  const files = Object.entries(postgres.files).map(([name, file]) => [
    name,
    reading.file(file, pointer, name === 'key'),
  ])
  return { ...postgres, files: Object.fromEntries(files) }
}

/** What an address says, or a finding that shows nothing of it. */
function readAddress<T>(pointer: string, reading: Reading, read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof AddressError)) throw error
    reading.error(pointer, 'config.store', error.message, error.fix)
    return undefined
  }
}

const timeouts = shape('How long a call may take where the caller is slow.', {
  headers: duration('Until the head of a request is complete; then 408.', '10s'),
  body: duration('Until the body of a request is complete; then 408.', '5min'),
  idle: duration('How long a connection without a call is kept.', '60s'),
  drain: duration('How long calls may take to end when the gateway stops or reloads.', '30s'),
})

export const timeoutsSection: Section<TimeoutConfig> = {
  schema: { ...timeouts, default: {} },
  read(raw) {
    const entry = raw as Static<typeof timeouts>
    return {
      headers: milliseconds(entry.headers),
      body: milliseconds(entry.body),
      idle: milliseconds(entry.idle),
      drain: milliseconds(entry.drain),
    }
  },
}

const bounds = shape('What the whole gateway takes at most.', {
  connections: Type.Integer({ minimum: 1, description: 'Open connections.', default: 20_000 }),
  connectionsPerAddress: Type.Integer({
    minimum: 1,
    description: 'Open connections of one address (IPv6: of one /64); trusted proxies may have more.',
    default: 1000,
  }),
  target: size('Path and query of a request; then 414.', '8000'),
  headers: size('All header fields of a request; then 431.', '16KiB'),
  headerCount: Type.Integer({
    minimum: 10,
    maximum: 1000,
    description: 'Number of header fields; then 431.',
    default: 100,
  }),
  bodyPace: size('Slowest pace of a request body, bytes a second; then 408.', '256'),
  streams: Type.Integer({
    minimum: 1,
    maximum: 1000,
    description: 'Calls at once on one HTTP/2 connection.',
    default: 100,
  }),
})

export const boundsSection: Section<BoundConfig> = {
  schema: { ...bounds, default: {} },
  read(raw) {
    const entry = raw as Static<typeof bounds>
    return {
      connections: entry.connections,
      connectionsPerAddress: entry.connectionsPerAddress,
      target: bytes(entry.target),
      headers: bytes(entry.headers),
      headerCount: entry.headerCount,
      bodyPace: bytes(entry.bodyPace),
      streams: entry.streams,
    }
  },
}

const log = shape('The gateway’s own output.', {
  events: text('Where audit events go, one JSON line each: `stdout`, `stderr`, `none`, or a file.', {
    default: 'stdout',
  }),
})

export const logSection: Section<LogConfig> = {
  schema: { ...log, default: {} },
  read(raw, _pointer, reading) {
    const { events } = raw as Static<typeof log>
    if (events === 'stdout' || events === 'stderr' || events === 'none') return { events: { kind: events } }
    return { events: { kind: 'file', file: reading.path(events) } }
  },
}
